import { keepFile } from '#core/media'
import { findMessages, type Message } from '#core/messages'
import type { Ports } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { DomainError } from '#kit/errors'
import type { Logger } from '#kit/log'
import { delayFetch, dropFetch, endFetch, type Fetch, leaseFetches } from './fetch-files.store.ts'

type FetchParts = { database: Database; ports: Ports; log: Logger; now(): Date }

const POLL_MS = 1_000
const AT_ONCE = 4
const LEASE_MS = 120_000
/** Networks keep a file for days; within these tries lie two of them. */
const TRIES_MOST = 14
const RETRY_FIRST_MS = 5_000
const RETRY_MOST_MS = 6 * 3_600_000

/** Brings home what people sent: a network keeps its files for a few days only. */
export function openFetching(parts: FetchParts): { start(): void; stop(): Promise<void> } {
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  const look = async () => {
    for (;;) {
      const now = parts.now()
      const fetches = await inTransaction(parts.database.db, {}, (db) =>
        leaseFetches(db, { now, until: new Date(now.getTime() + LEASE_MS) }, AT_ONCE),
      )
      if (fetches.length === 0) return
      await Promise.all(fetches.map((fetch) => fetchOne(parts, fetch)))
    }
  }
  return {
    start() {
      timer = setInterval(() => {
        running ??= look()
          .catch((error: unknown) => parts.log.warn({ error }, 'inbound files could not be looked for and will be again'))
          .finally(() => {
            running = undefined
          })
      }, POLL_MS).unref()
    },
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

async function fetchOne(parts: FetchParts, fetch: Fetch): Promise<void> {
  const { database, log, now } = parts
  const [message] = await findMessages(database.db, fetch.workspaceId, [fetch.messageId])
  if (!message) return dropFetch(database.db, fetch.messageId)
  try {
    const mediaId = await bringHome(parts, message)
    await inTransaction(database.db, {}, (db) => endFetch(db, fetch, { mediaId }))
  } catch (error) {
    const final =
      fetch.attempt >= TRIES_MOST ||
      (error instanceof DomainError && ['not_found', 'too_large', 'unsupported', 'invalid'].includes(error.code))
    log.warn({ error, messageId: message.id, final }, 'a file that a person sent could not be fetched')
    if (final)
      return inTransaction(database.db, {}, (db) =>
        endFetch(db, fetch, { mediaMissing: error instanceof DomainError ? error.code : 'unavailable' }),
      )
    const wait = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 3 ** (fetch.attempt - 1))
    await delayFetch(database.db, fetch.messageId, new Date(now().getTime() + wait))
  }
}

async function bringHome({ database, ports, now }: FetchParts, { content, channelId, workspaceId }: Message): Promise<string> {
  if (!('remoteMedia' in content)) throw new DomainError('not_found', 'This message has no file with the network')
  const channel = await ports.channels.get(workspaceId, channelId)
  const transport = channel && ports.transports.get(channel.kind)
  if (!channel || !transport?.fetchMedia) throw new DomainError('unsupported', 'Its channel cannot fetch files')
  const { bytes, mimeType } = await transport.fetchMedia(channel, content.remoteMedia)
  const media = await keepFile(
    { db: database.db, workspaceId, now, ports },
    { bytes, mimeType, filename: content.filename, source: 'inbound' },
  )
  return media.id
}
