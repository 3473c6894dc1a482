import { keepFile, removeFile } from '#core/media'
import { findMessages, type Message, subjectsOf } from '#core/messages'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { DomainError, type ErrorCode } from '#kit/errors'
import { newId } from '#kit/ids'
import type { Logger } from '#kit/log'
import { delayFetch, dropFetch, endFetch, type Fetch, giveBackFetch, leaseFetches } from './fetch-files.store.ts'

type FetchParts = { database: Database; ports: Ports; log: Logger; now(): Date }

const POLL_MS = 1_000
const AT_ONCE = 4
/** One try, all its requests together; the lease outlives it. */
const TRY_MS = 100_000
const LEASE_MS = 120_000
/** Networks keep a file for days; within these tries lie two of them. */
const TRIES_MOST = 14
const RETRY_FIRST_MS = 5_000
const RETRY_MOST_MS = 6 * 3_600_000
/** How long a fetch may go on when the house closes. */
const GRACE_MS = 2_000

/** Brings home what people sent: a network keeps its files for a few days only. */
export function openFetching(parts: FetchParts): { start(): void; stop(): Promise<void> } {
  const { database, log, now } = parts
  const closing = new AbortController()
  const running = new Set<Promise<void>>()
  let open = false
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined

  const begin = (fetch: Fetch) => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(TRY_MS)])
    const work = fetchOne(parts, fetch, { signal, isClosing: () => closing.signal.aborted })
      .catch((error: unknown) => log.warn({ error }, 'what became of an inbound file could not be written; its lease ends'))
      .finally(() => {
        running.delete(work)
        wake()
      })
    running.add(work)
  }
  const look = async () => {
    while (open && running.size < AT_ONCE) {
      const at = now()
      const lease = { now: at, until: new Date(at.getTime() + LEASE_MS) }
      const fetches = await inTransaction(database.db, {}, (db) => leaseFetches(db, lease, AT_ONCE - running.size))
      if (fetches.length === 0) return
      for (const fetch of fetches) begin(fetch)
    }
  }
  const wake = () => {
    if (!open) return
    looking ??= look()
      .catch((error: unknown) => log.warn({ error }, 'inbound files could not be looked for and will be again'))
      .finally(() => {
        looking = undefined
      })
  }
  return {
    start() {
      open = true
      timer = setInterval(wake, POLL_MS).unref()
      wake()
    },
    async stop() {
      open = false
      clearInterval(timer)
      await looking
      const end = setTimeout(() => closing.abort(), GRACE_MS)
      await Promise.all(running)
      clearTimeout(end)
    },
  }
}

type Bounds = { signal: AbortSignal; isClosing(): boolean }

/** One try. Never throws but for a database that is away. */
async function fetchOne(parts: FetchParts, fetch: Fetch, bounds: Bounds): Promise<void> {
  const { database, log, now } = parts
  const [message] = await findMessages(database.db, fetch.workspaceId, [fetch.messageId])
  if (!message) {
    await dropFetch(database.db, fetch)
    return
  }
  try {
    await bringHome(parts, fetch, message, bounds.signal)
  } catch (error) {
    if (bounds.isClosing()) return giveBackFetch(database.db, fetch)
    const word = error instanceof DomainError ? error.code : 'unavailable'
    const final = fetch.attempt >= TRIES_MOST || FINAL.has(word)
    log.warn({ error, messageId: message.id, final }, 'a file that a person sent could not be fetched')
    if (final) await conclude(parts, fetch, message, { mediaMissing: word })
    else await delayFetch(database.db, fetch, new Date(now().getTime() + backOff(fetch.attempt)))
  }
}

/** What another try would not change. */
const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['not_found', 'too_large', 'unsupported', 'invalid'])

const backOff = (attempt: number) => Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 3 ** (attempt - 1))

async function bringHome(parts: FetchParts, fetch: Fetch, message: Message, signal: AbortSignal): Promise<void> {
  const { database, ports, now } = parts
  const { content, channelId, workspaceId } = message
  if (!('remoteMedia' in content)) throw new DomainError('not_found', 'This message has no file with the network')
  const channel = await ports.channels.get(workspaceId, channelId)
  const transport = channel && ports.transports.get(channel.kind)
  if (!channel || !transport?.fetchMedia) throw new DomainError('unsupported', 'Its channel cannot fetch files')
  const { bytes, mimeType } = await transport.fetchMedia(channel, content.remoteMedia, signal)
  const house = { db: database.db, workspaceId, now, ports }
  const media = await keepFile(house, { bytes, mimeType, filename: content.filename, source: 'inbound' })
  if (!(await conclude(parts, fetch, message, { mediaId: media.id }))) await removeFile(house, media.id) // another node has brought it meanwhile
}

/** Writes and tells how it ended; false when another node was quicker. */
async function conclude(
  { database, ports }: FetchParts,
  fetch: Fetch,
  message: Message,
  found: { mediaId: string } | { mediaMissing: string },
): Promise<boolean> {
  const stored = 'mediaId' in found
  const event: RaisedEvent = {
    id: newId(),
    workspaceId: message.workspaceId,
    type: stored ? 'message.file_stored' : 'message.file_missing',
    subjects: { ...subjectsOf(message), ...(stored && { mediaId: found.mediaId }) },
    facts: stored ? {} : { reason: found.mediaMissing },
  }
  const isOurs = await inTransaction(database.db, {}, async (db) => {
    const ended = await endFetch(db, fetch, found)
    if (ended) ports.events.append(db, [event])
    return ended
  })
  if (isOurs) ports.events.hint([event])
  return isOurs
}
