import { BYTES_MOST, findMediaFiles, keepFile } from '#core/media'
import { findMessages, type Message, subjectsOf } from '#core/messages'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { DomainError, type ErrorCode } from '#kit/errors'
import { newId } from '#kit/ids'
import type { Logger } from '#kit/log'
import { delayFetch, dropFetch, endFetch, type Fetch, giveBackFetch, leaseFetches } from './fetch-files.store.ts'
import { openFetchSlots } from './fetch-slots.ts'

type FetchParts = { database: Database; ports: Ports; log: Logger; now(): Date }

const POLL_MS = 1_000
/** One try, all its requests together; the lease outlives it. */
const TRY_MS = 100_000
const LEASE_MS = 120_000
/** Networks keep a file for days; within these tries lie two of them. */
const TRIES_MOST = 14
const RETRY_FIRST_MS = 5_000
const RETRY_MOST_MS = 6 * 3_600_000
/** How long a fetch may go on when the house closes. */
const GRACE_MS = 2_000
/** One file of at least so many bytes at a time. */
const LARGE_BYTES = 16 * 1_048_576

/** Brings home what people sent: a network keeps its files for a few days only. */
export function openFetching(parts: FetchParts): { start(): void; stop(): Promise<void> } {
  const { database, log, now } = parts
  const closing = new AbortController()
  const running = new Set<Promise<void>>()
  const slots = openFetchSlots((asked) => {
    const at = now()
    return leaseFetches(database.db, { ...asked, now: at, until: new Date(at.getTime() + LEASE_MS) })
  })
  const bounds = { isClosing: () => closing.signal.aborted, large: new Set<string>() }
  let open = false
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined

  const begin = (fetch: Fetch) => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(TRY_MS)])
    const work = fetchOne(parts, fetch, { ...bounds, signal })
      .catch((error: unknown) => log.warn({ error }, 'what became of an inbound file could not be written; its lease ends'))
      .finally(() => {
        running.delete(work)
        slots.ended(fetch)
        wake()
      })
    running.add(work)
  }
  const look = async () => {
    for (let fetches = await slots.take(); fetches.length > 0; fetches = open ? await slots.take() : []) fetches.forEach(begin)
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

type Bounds = {
  signal: AbortSignal
  isClosing(): boolean
  /** Large files that are being fetched, by their messages. */
  large: Set<string>
}

/** One try. Never throws but for a database that is away. */
async function fetchOne(parts: FetchParts, fetch: Fetch, bounds: Bounds): Promise<void> {
  const { database, log, now } = parts
  const [message] = await findMessages(database.db, fetch.workspaceId, [fetch.messageId])
  if (!message) {
    await dropFetch(database.db, fetch)
    return
  }
  const after = (ms: number) => new Date(now().getTime() + ms)
  const isLarge = sizeOf(message) >= LARGE_BYTES
  if (isLarge && bounds.large.size > 0) return giveBackFetch(database.db, fetch, after(RETRY_FIRST_MS))
  if (isLarge) bounds.large.add(message.id)
  try {
    await bringHome(parts, fetch, message, bounds.signal)
  } catch (error) {
    if (bounds.isClosing()) return giveBackFetch(database.db, fetch, now())
    const word = error instanceof DomainError ? error.code : 'unavailable'
    const final = fetch.attempt >= TRIES_MOST || FINAL.has(word)
    log.warn({ error, messageId: message.id, final }, 'a file that a person sent could not be fetched')
    if (final) await conclude(parts, fetch, message, { mediaMissing: word })
    else await delayFetch(database.db, fetch, after(backOff(fetch.attempt)))
  } finally {
    bounds.large.delete(message.id)
  }
}

/** In bytes, as its sender says; 0 where nobody says it. */
const sizeOf = ({ content }: Message): number => ('remoteMedia' in content ? (content.remoteMedia.size ?? 0) : 0)

/** What another try would not change. */
const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['not_found', 'too_large', 'unsupported', 'invalid'])

const backOff = (attempt: number) => Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 3 ** (attempt - 1))

async function bringHome(parts: FetchParts, fetch: Fetch, message: Message, signal: AbortSignal): Promise<void> {
  const { database, ports, now } = parts
  const { content, channelId, workspaceId } = message
  if (!('remoteMedia' in content)) throw new DomainError('not_found', 'This message has no file with the network')
  if (sizeOf(message) > BYTES_MOST) throw new DomainError('too_large', 'This file is larger than any that is kept')
  const known = { db: database.db, workspaceId, now, ports }
  const id = message.id // also the file's: whoever dies before the message names it finds it at the next try
  const [before] = await findMediaFiles(database.db, workspaceId, [id])
  if (!before) {
    const channel = await ports.channels.get(workspaceId, channelId)
    const transport = channel && ports.transports.get(channel.kind)
    if (!channel || !transport?.fetchMedia) throw new DomainError('unsupported', 'Its channel cannot fetch files')
    const { bytes, mimeType } = await transport.fetchMedia(channel, content.remoteMedia, signal)
    await keepFile(known, { id, bytes, mimeType, filename: content.filename, source: 'inbound' })
  }
  await conclude(parts, fetch, message, { mediaId: id })
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
