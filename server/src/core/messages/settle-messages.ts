import type { Receipt } from '#core/transport'
import { type Batcher, createBatcher } from '#kit/batcher'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import type { Logger } from '#kit/log'
import { applyOutcome, type SendResult } from './apply-outcome.ts'
import { lockMessages, writeChanges } from './message-changes.store.ts'
import { applyReceipt, type Change, type LockedMessage, unchanged } from './message-changes.ts'
import { RECEIPT_STATES } from './message-state.ts'
import { findKnownStrays, forgetStrays, hasStrays, keepStrays, takeStrays } from './settle.store.ts'
import type { QueueTouches } from './touch-queues.ts'
import { findMessageIds } from './wire-ids.store.ts'

/** The one writer of a process for all that ends or advances sent messages: answers of transports and receipts of networks. */
export interface Settler {
  outcome(message: { workspaceId: string; id: string }, result: SendResult): Promise<void>
  /** Receipts of one channel. Resolves when their effect is committed. */
  receipts(channel: { workspaceId: string; id: string }, receipts: readonly Receipt[]): Promise<void>
  /** Receipts that were kept until their wire id is known, and it is: what a crash left between the two. */
  matchStrays(): Promise<void>
  drain(): Promise<void>
  readonly waiting: number
}

declare module '#kit/context' {
  interface Ports {
    settler: Settler
  }
}

type SettlerParts = {
  database: Database
  events: Ports['events']
  installationId: string
  log: Logger
  touches: QueueTouches
  /** Tells doors that wait: these messages came to an end. */
  ended(messages: readonly LockedMessage[]): void
  observe(before: LockedMessage, after: LockedMessage): void
}

type Item = { workspaceId: string; id: string; rank: number; apply(change: Change): Change }

const ITEMS_MOST = 1_000
/** A batch of one costs as much as one of ten. */
const SPACING_MS = 20
const STRAYS_MOST = 1_000

export function openSettler(parts: SettlerParts): Settler {
  const batcher: Batcher<Item, void> = createBatcher({
    write: async (items) => {
      await writeBatch(parts, items)
      return items.map(() => undefined)
    },
    most: ITEMS_MOST,
    lanes: 1, // two batches at once would meet in the same rows
    spacingMs: SPACING_MS,
  })
  return {
    outcome: ({ workspaceId, id }, result) => batcher.add({ workspaceId, id, rank: -1, apply: (change) => applyOutcome(change, result) }),
    receipts: (channel, receipts) => settleReceipts(parts, batcher, channel, receipts),
    async matchStrays() {
      const found = await findKnownStrays(parts.database.engine, STRAYS_MOST)
      await Promise.all(found.map(({ workspaceId, messageId, receipt }) => batcher.add(receiptItem(workspaceId, messageId, receipt))))
      if (found.length > 0)
        await forgetStrays(
          parts.database.engine,
          found.map(({ receipt }) => receipt),
        )
    },
    drain: () => batcher.drain(),
    get waiting() {
      return batcher.waiting
    },
  }
}

async function settleReceipts(
  parts: SettlerParts,
  batcher: Batcher<Item, void>,
  channel: { workspaceId: string; id: string },
  receipts: readonly Receipt[],
): Promise<void> {
  const named = receipts.map((receipt) => ({ receipt, id: ourMessageId(receipt.callbackData, parts.installationId) }))
  const unnamed = named.filter(({ id }) => id === undefined).map(({ receipt }) => receipt)
  const found = unnamed.length === 0 ? new Map<string, string>() : await targetsOrStrays(parts.database.engine, channel, unnamed)
  const writes = named.flatMap(({ receipt, id }) => {
    const target = id ?? found.get(receipt.wireId)
    return target === undefined ? [] : [batcher.add(receiptItem(channel.workspaceId, target, receipt))]
  })
  await Promise.all(writes)
}

/** Finds the messages by wire id; what is not found is kept, and looked for once more, since the answer to its send may be committed in between. */
async function targetsOrStrays(
  db: Database['db'],
  channel: { workspaceId: string; id: string },
  receipts: readonly Receipt[],
): Promise<Map<string, string>> {
  const wireIds = receipts.map(({ wireId }) => wireId)
  const found = await findMessageIds(db, channel, wireIds)
  const strays = receipts.filter(({ wireId }) => !found.has(wireId))
  if (strays.length === 0) return found
  await keepStrays(db, channel, strays)
  const late = await findMessageIds(
    db,
    channel,
    strays.map(({ wireId }) => wireId),
  )
  if (late.size > 0)
    await forgetStrays(
      db,
      strays.filter(({ wireId }) => late.has(wireId)),
    )
  return new Map([...found, ...late])
}

const receiptItem = (workspaceId: string, id: string, receipt: Receipt): Item => ({
  workspaceId,
  id,
  rank: receipt.state === 'failed' ? RECEIPT_STATES.length : RECEIPT_STATES.indexOf(receipt.state),
  apply: (change) => applyReceipt(change, receipt),
})

/** What we give with a send and get back with its receipts. */
export const callbackDataOf = (installationId: string, messageId: string, attempt: number): string =>
  `${installationId}:${messageId}:${attempt}`

function ourMessageId(callbackData: string | undefined, installationId: string): string | undefined {
  const [installation, messageId] = callbackData?.split(':') ?? []
  return installation === installationId ? messageId : undefined
}

async function writeBatch(parts: SettlerParts, items: readonly Item[]): Promise<void> {
  const byMessage = Map.groupBy(items, ({ id }) => id)
  const keys = [...byMessage.values()].flatMap(([item]) => (item ? [{ workspaceId: item.workspaceId, id: item.id }] : []))
  const { before, changes, dues, raised } = await inTransaction(parts.database.engine, {}, async (db) => {
    const before = await lockMessages(db, keys)
    const changes = before.map((message) => fold(message, byMessage.get(message.id) ?? [])).filter(isChange)
    const raised: RaisedEvent[] = changes.flatMap(({ events }) => events)
    const dues = writeChanges(db, changes, parts.events)
    return { before: new Map(before.map((message) => [message.id, message])), changes, dues, raised }
  })
  if (raised.length > 0) parts.events.hint(raised)
  parts.touches.touchAll(await dues)
  for (const { after } of changes) {
    const old = before.get(after.id)
    if (old && old.state !== after.state) parts.observe(old, after)
  }
  parts.ended(changes.filter(({ work }) => work.is === 'done').map(({ after }) => after))
  await lookAgain(
    parts,
    changes.filter(({ newWireId }) => newWireId).map(({ after }) => after),
  )
}

/** Receipts may have been kept as strays before these wire ids were committed, or in that moment: their writer could not see the ids, nor we the strays. */
async function lookAgain(parts: SettlerParts, known: readonly LockedMessage[]): Promise<void> {
  if (known.length === 0) return
  if (!(await hasStrays(parts.database.engine))) return
  const strays = await takeStrays(parts.database.engine, known)
  if (strays.size === 0) return
  const items = known.flatMap(({ workspaceId, id, wireId }) =>
    (strays.get(wireId ?? '') ?? []).map((receipt) => receiptItem(workspaceId, id, receipt)),
  )
  await writeBatch(parts, items)
  await forgetStrays(parts.database.engine, [...strays.values()].flat())
}

/** Everything that is known of one message in this batch, in the order of the table, as one change. */
const fold = (message: LockedMessage, items: readonly Item[]): Change =>
  [...items].sort((a, b) => a.rank - b.rank).reduce((change, item) => item.apply(change), unchanged(message))

const isChange = ({ before, after, events, work }: Change): boolean => before !== after || events.length > 0 || work.is !== 'kept'
