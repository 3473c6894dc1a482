import type { TransportChannelEntry } from '#core/channels'
import { mediaIdOf } from '#core/content'
import { openMedia } from '#core/media'
import { type SendResult, type Settler, toOutgoing, wireIdOf } from '#core/messages'
import type { Outcome, Transport, TransportMedia } from '#core/transport'
import type { Ports } from '#kit/context'
import type { Database } from '#kit/db'
import type { Logger } from '#kit/log'
import { outlast } from './outlast.ts'
import { returnStart } from './return-start.ts'
import type { Started } from './start-messages.ts'

export type SendParts = {
  database: Database
  files: Ports['files']
  settler: Settler
  installationId: string
  log: Logger
  now(): Date
  transportOf(channel: TransportChannelEntry): Transport | undefined
  footerOf(workspaceId: string): Promise<string | undefined>
  reconcileMs: number
}

/** When it was claimed, on the monotonic clock, and what ends its sends. */
type Claimed = { at: Date; monotonic: number; signal: AbortSignal }

/** Writing later than this after the claim could meet another node that took the lease over. */
const WRITE_WITHIN_MS = 1_000
const WRITE_LATE_WITHIN_MS = 4_000 // within the lease

/** Puts one started message on the wire and hands its outcome to the settler. Never throws. */
export async function sendStarted(parts: SendParts, channel: TransportChannelEntry, started: Started, claimed: Claimed): Promise<Outcome> {
  const { row, attempt } = started
  const outcome = await trySend(parts, channel, started, claimed).catch((error: unknown): Outcome => {
    parts.log.error({ error, messageId: row.id }, 'a send threw')
    return { kind: 'unknown', reason: error instanceof Error ? error.message : 'the transport failed' }
  })
  const result: SendResult = { attempt, outcome, at: parts.now(), reconcileMs: parts.reconcileMs }
  // before it may start anew: it would find its own place taken
  if (outcome.kind === 'retry' && outcome.code === NOT_STARTED) await giveBack(parts, started, claimed)
  await record(parts, row, result)
  return outcome
}

/** Writes what the network said, for as long as the message's window. */
async function record({ settler, log, reconcileMs }: SendParts, { workspaceId, id }: Started['row'], result: SendResult): Promise<void> {
  await outlast(reconcileMs, () => settler.outcome({ workspaceId, id }, result)).catch((error: unknown) => {
    // the message stays `sending`: its lease ends, and the window decides
    log.error({ error, messageId: id }, 'an outcome could not be written')
  })
}

async function trySend(
  parts: SendParts,
  channel: TransportChannelEntry,
  started: Started,
  { monotonic, signal }: Claimed,
): Promise<Outcome> {
  const { row, attempt } = started
  const transport = parts.transportOf(channel)
  if (!transport) return notStarted('no transport for this channel')
  const capabilities = transport.capabilities(channel)
  const footer = await parts.footerOf(row.workspaceId)
  const mediaId = mediaIdOf(row.content)
  const media = mediaId === undefined ? undefined : await loadMedia(parts, row.workspaceId, mediaId)
  if (mediaId !== undefined && !media)
    return { kind: 'rejected', code: 'media_gone', reason: 'Its file is no longer stored', advice: 'Upload it again.' }
  const outgoing = toOutgoing(row, {
    attempt,
    footer,
    media,
    wireId: capabilities.choosesWireId ? wireIdOf(row.id) : undefined,
    installationId: parts.installationId,
  })
  // files of many megabytes may take longer to read and upload; who is asked for keys first takes longer too, and twice under one wire id is once
  const within = media || capabilities.choosesWireId ? WRITE_LATE_WITHIN_MS : WRITE_WITHIN_MS
  const mayWrite = () => performance.now() - monotonic < within
  if (!media && !mayWrite()) return notStarted('too late for its claim')
  return transport.send(channel, outgoing, { signal, mayWrite })
}

const NOT_STARTED = 'not_started'
const notStarted = (reason: string): Outcome => ({ kind: 'retry', code: NOT_STARTED, reason, slow: 'none', afterMs: 0 })

async function giveBack({ database, log, now }: SendParts, started: Started, { at }: Claimed): Promise<void> {
  await returnStart(database.engine, started, { claimedAt: at, now: now() }).catch((error: unknown) => {
    log.warn({ error, messageId: started.row.id }, 'what a start took could not be given back')
  })
}

async function loadMedia(parts: SendParts, workspaceId: string, mediaId: string): Promise<TransportMedia | undefined> {
  const opened = await openMedia(parts.database.db, parts.files, workspaceId, mediaId)
  if (!opened) return undefined
  const { id, mimeType, size, filename, sha256 } = opened.media
  return { id, mimeType, size, filename, sha256, read: opened.read }
}
