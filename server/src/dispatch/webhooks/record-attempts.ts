import { appendEvents } from '#core/events'
import { dropWaiting, endpointReceiver, type WebhookStyle } from '#core/webhooks'
import type { RaisedEvent } from '#kit/context'
import { type Database, type Db, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { judgeEndpoint, type Verdict, WAITING_MOST } from './judge-endpoint.ts'
import type { Attempt, Part, Progress, Recorded } from './news.ts'
import { countWaiting, lockEndpoints, saveEndpoints, waitForDisk } from './record.store.ts'
import { type Locked, writeDeliveries } from './record-deliveries.ts'

export type RecordParts = {
  database: Database
  styleOf(name: string): WebhookStyle
  now(): Date
  /** Raised events are committed. */
  hint(events: readonly RaisedEvent[]): void
}

/** Writes attempts, retries, cursors and the health of endpoints in one transaction. */
export async function recordAttempts(parts: RecordParts, news: readonly Part[]): Promise<readonly Recorded[]> {
  const raised: RaisedEvent[] = []
  const outcome = await inTransaction(parts.database.engine, { relaxed: true }, async (db) => {
    raised.length = 0
    const attempts = news.flatMap((part) => part.attempts)
    const locked = await lockEndpoints(db, namedEndpoints(news))
    await writeDeliveries(db, parts.now(), news, locked)
    const verdicts = await judge(db, parts, attempts, locked)
    await writeEndpoints(db, news, locked, verdicts)
    raised.push(...eventsOf(news, locked, verdicts))
    if (raised.length > 0) {
      await waitForDisk(db) // a number that was seen must not be given twice
      appendEvents(db, raised)
    }
    return { locked, verdicts }
  })
  if (raised.length > 0) parts.hint(raised)
  return news.map(({ progress }) => answer(progress, outcome.locked, outcome.verdicts))
}

function namedEndpoints(news: readonly Part[]): string[] {
  const ids = new Set<string>()
  for (const { attempts, stragglers, progress } of news) {
    if (progress) ids.add(progress.endpointId)
    for (const { telling } of [...attempts, ...stragglers]) if (telling.endpointId !== undefined) ids.add(telling.endpointId)
  }
  return [...ids]
}

/** What the attempts do to the health of their endpoints. */
async function judge(db: Db, parts: RecordParts, attempts: readonly Attempt[], locked: Locked): Promise<Map<string, Verdict>> {
  const tried = Map.groupBy(
    attempts.filter(({ telling }) => telling.endpointId !== undefined && locked.has(telling.endpointId)),
    ({ telling }) => telling.endpointId ?? '',
  )
  const failing = [...tried].filter(([, some]) => some.some(({ ending }) => !ending.succeeded)).map(([id]) => endpointReceiver(id))
  const waiting = failing.length > 0 ? await countWaiting(db, failing, WAITING_MOST) : new Map<string, number>()
  const verdicts = new Map<string, Verdict>()
  for (const [id, some] of tried) {
    const endpoint = locked.get(id)
    if (!endpoint) continue
    const results = some.map(({ telling, ending }) => ({ ...ending, probe: telling.probe }))
    const more = { style: parts.styleOf(endpoint.style), waiting: waiting.get(endpointReceiver(id)) ?? 0 }
    verdicts.set(id, judgeEndpoint(endpoint, results, more))
  }
  return verdicts
}

async function writeEndpoints(db: Db, news: readonly Part[], locked: Locked, verdicts: ReadonlyMap<string, Verdict>): Promise<void> {
  const progresses = new Map(news.flatMap(({ progress }) => (progress ? [[progress.endpointId, progress] as const] : [])))
  const changes = [...locked.values()].flatMap((endpoint) => {
    const progress = progresses.get(endpoint.id)
    const verdict = verdicts.get(endpoint.id)
    const ours = progress !== undefined && endpoint.lease === progress.lease
    if (!verdict && !ours) return []
    const disabled = endpoint.state === 'enabled' ? verdict?.disable : undefined
    const lease = ours ? (progress.release || disabled ? 'end' : 'extend') : 'keep'
    return [{ id: endpoint.id, health: verdict ?? endpoint, cursor: ours ? progress.cursor : undefined, lease, disabled } as const]
  })
  if (changes.length > 0) await saveEndpoints(db, changes)
  for (const { id, disabled } of changes) {
    const workspaceId = locked.get(id)?.workspaceId
    if (disabled && workspaceId) await dropWaiting(db, workspaceId, id)
  }
}

function eventsOf(news: readonly Part[], locked: Locked, verdicts: ReadonlyMap<string, Verdict>): RaisedEvent[] {
  const gaps = news.flatMap(({ progress }) => {
    if (!progress?.gap || locked.get(progress.endpointId)?.lease !== progress.lease) return []
    const { workspaceId, endpointId, gap } = progress
    return [{ id: newId(), workspaceId, type: 'webhook.gap', subjects: { endpointId }, facts: gap }]
  })
  const disabled = [...verdicts].flatMap(([endpointId, { disable, failures, failingSince }]) => {
    const endpoint = locked.get(endpointId)
    if (!disable || endpoint?.state !== 'enabled') return []
    const facts = { reason: disable, failures, failingSince: failingSince?.toISOString() }
    return [{ id: newId(), workspaceId: endpoint.workspaceId, type: 'webhook.disabled', subjects: { endpointId }, facts }]
  })
  return [...gaps, ...disabled]
}

function answer(progress: Progress | undefined, locked: Locked, verdicts: ReadonlyMap<string, Verdict>): Recorded {
  const endpoint = progress && locked.get(progress.endpointId)
  if (!endpoint) return { held: false, updatedAt: undefined, open: false }
  const verdict = verdicts.get(endpoint.id)
  const held = endpoint.lease === progress.lease && endpoint.state === 'enabled' && !verdict?.disable && !progress.release
  return { held, updatedAt: endpoint.updatedAt, open: (verdict ?? endpoint).probeAt !== undefined }
}
