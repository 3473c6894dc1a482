import { type Cache, createCache } from '#kit/cache'
import { isLidJid, toJid, userJid } from './addresses.ts'
import type { LiveSession } from './live-session.ts'

const KNOWN_MOST = 20_000
const KNOWN_MS = 24 * 3_600_000
const UNKNOWN_MS = 10 * 60_000

type Book = { found: Cache<string>; missing: Cache<true> }
const books = new WeakMap<LiveSession['socket'], Book>()

/** The JID to write to; undefined: nobody there is on WhatsApp. Asks the network about each number once a day; throws when it does not answer. */
export async function findRecipient(session: LiveSession, address: string): Promise<string | undefined> {
  const jid = toJid(address)
  if (jid === undefined || userJid(jid) === undefined || isLidJid(jid)) return jid
  const book = bookOf(session)
  const known = book.found.get(jid)
  if (known !== undefined || book.missing.get(jid)) return known
  const [found] = (await session.socket.onWhatsApp(jid)) ?? []
  const answer = found?.exists ? (userJid(found.jid) ?? jid) : undefined
  if (answer === undefined) book.missing.set(jid, true)
  else book.found.set(jid, answer)
  return answer
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
