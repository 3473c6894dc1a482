import { type Cache, createCache } from '#kit/cache'
import { isLidJid, toJid, userJid } from './addresses.ts'
import type { LiveSession } from './live-session.ts'

const KNOWN_MOST = 20_000
const KNOWN_MS = 24 * 3_600_000
const UNKNOWN_MS = 10 * 60_000
const ASKED_AT_ONCE = 100

type Book = { found: Cache<string>; missing: Cache<true> }
const books = new WeakMap<LiveSession['socket'], Book>()

/** The JID to write to; undefined: nobody there is on WhatsApp. Asks the network about each number once a day; throws when it does not answer. */
export const findRecipient = async (session: LiveSession, address: string): Promise<string | undefined> =>
  (await findRecipients(session, [address])).get(address)

/** The JIDs of those of `addresses` who are on WhatsApp; groups, newsletters and LIDs are what they say they are. */
export async function findRecipients(session: LiveSession, addresses: readonly string[]): Promise<Map<string, string>> {
  const book = bookOf(session)
  const found = new Map<string, string>()
  const unknown = new Map<string, string[]>() // one number may be spelled in several ways
  for (const address of addresses) {
    const jid = toJid(address)
    if (jid === undefined) continue
    const known = isAsked(jid) ? book.found.get(jid) : jid
    if (known !== undefined) found.set(address, known)
    else if (!book.missing.get(jid)) unknown.set(jid, [...(unknown.get(jid) ?? []), address])
  }
  const jids = [...unknown.keys()]
  for (let i = 0; i < jids.length; i += ASKED_AT_ONCE) {
    const asked = jids.slice(i, i + ASKED_AT_ONCE)
    const told = await ask(session, asked)
    for (const jid of asked) {
      const answer = told(jid)
      if (answer === undefined) {
        book.missing.set(jid, true)
        continue
      }
      book.found.set(jid, answer)
      for (const address of unknown.get(jid) ?? []) found.set(address, answer)
    }
  }
  return found
}

const isAsked = (jid: string): boolean => userJid(jid) !== undefined && !isLidJid(jid)

/** A number may be known under another spelling. Whose answer that is, only a question about it alone can tell. */
async function ask({ socket }: LiveSession, jids: readonly string[]): Promise<(jid: string) => string | undefined> {
  const there = await askFor(socket, jids)
  if (jids.length === 1) return () => there[0]
  const found = new Map(jids.flatMap((jid) => (there.includes(jid) ? [[jid, jid] as const] : [])))
  if (there.length > found.size) {
    for (const jid of jids) {
      const [other] = found.has(jid) ? [] : await askFor(socket, [jid])
      if (other !== undefined) found.set(jid, other)
    }
  }
  return (jid) => found.get(jid)
}

async function askFor(socket: LiveSession['socket'], jids: readonly string[]): Promise<string[]> {
  const answers = await socket.onWhatsApp(...jids)
  if (!answers) throw new Error('the network did not say who is there')
  return answers.flatMap(({ jid, exists }) => (exists ? (userJid(jid) ?? []) : []))
}

function bookOf({ socket }: LiveSession): Book {
  const known = books.get(socket)
  if (known) return known
  const book = {
    found: createCache<string>({ most: KNOWN_MOST, ageMs: KNOWN_MS }),
    missing: createCache<true>({ most: KNOWN_MOST, ageMs: UNKNOWN_MS }),
  }
  books.set(socket, book)
  return book
}
