import { setTimeout as sleep } from 'node:timers/promises'
import type { TransportChannelEntry } from '#core/channels'
import { mediaIdOf, withFooter } from '#core/content'
import { openMedia } from '#core/media'
import { callbackDataOf, type SendResult, type Settler, wireIdOf } from '#core/messages'
import type { Outcome, Outgoing, Transport, TransportMedia } from '#core/transport'
import type { Ports } from '#kit/context'
import { type Database, isConnectionLoss } from '#kit/db'
import type { Logger } from '#kit/log'
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

const RECORD_AGAIN_MS = 200

/** Writes what the network said. It says it once, so that while the database is away we try on for as long as the message's window. */
async function record(parts: SendParts, row: Started['row'], result: SendResult): Promise<void> {
  for (const end = performance.now() + parts.reconcileMs; ; await sleep(RECORD_AGAIN_MS)) {
    try {
      await parts.settler.outcome({ workspaceId: row.workspaceId, id: row.id }, result)
      return
    } catch (error) {
      if (isConnectionLoss(error) && performance.now() < end) continue
      // the message stays `sending`: its lease ends, and the window decides
      parts.log.error({ error, messageId: row.id }, 'an outcome could not be written')
      return
    }
  }
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
  const outgoing: Outgoing = {
    messageId: row.id,
    attempt,
    to: row.address,
    content: withFooter(row.content, footer),
    media,
    wireId: capabilities.choosesWireId ? wireIdOf(row.id) : undefined,
    targetWireId: row.targetWireId ?? undefined,
    ...knownPreview(row.facts),
    ...(row.target && { target: { ...row.target, author: row.target.author ?? undefined } }),
    callbackData: callbackDataOf(parts.installationId, row.id, attempt),
  }
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

function knownPreview(facts: Started['row']['facts']): Pick<Outgoing, 'linkPreview'> {
  const linkPreview = facts?.linkPreview as Outgoing['linkPreview'] // written when the page was read
  return linkPreview ? { linkPreview } : {}
}

async function loadMedia(parts: SendParts, workspaceId: string, mediaId: string): Promise<TransportMedia | undefined> {
  const opened = await openMedia(parts.database.db, parts.files, workspaceId, mediaId)
  if (!opened) return undefined
  const { id, mimeType, size, filename, sha256 } = opened.media
  return { id, mimeType, size, filename, sha256, read: opened.read }
}
