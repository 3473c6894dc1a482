import type { ClosedReason } from '#core/transport'
import type { Context, Ports, RaisedEvent } from '#kit/context'
import { type Db, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { raise } from '#kit/operation'
import { type LockedChannel, lockChannel } from './channel.store.ts'
import { PAUSED } from './pause-channel.ts'
import { notifyChanged, notifyDue, selectDueBack, updateBlock, updateState } from './state.store.ts'

type Move = { workspaceId: string; channelId: string; reason: ClosedReason }

/** For the engine: stops a channel until its reason is mended, once; what waits for it stays. `db` is the owner's pool. */
export async function closeChannel(db: Db, events: Ports['events'], { workspaceId, channelId, reason }: Move): Promise<void> {
  await moveAlone(db, events, { workspaceId, channelId }, async (tx, locked) => {
    const { channel, blockedReason } = locked
    if (channel.state === 'closed' && channel.stateReason === reason) return undefined
    await updateState(tx, channel, { is: 'closed', reason })
    if (blockedReason !== PAUSED) await updateBlock(tx, channel, reason)
    return { type: 'channel.closed', facts: { reason } }
  })
}

/** For the engine: the channel works again. A pause stays. */
export async function openChannel(db: Db, events: Ports['events'], { workspaceId, channelId }: Omit<Move, 'reason'>): Promise<void> {
  await moveAlone(db, events, { workspaceId, channelId }, async (tx, locked) =>
    (await openLocked(tx, locked)) ? { type: 'channel.opened', facts: {} } : undefined,
  )
}

const DUE_BACK_MOST = 100

/** For the engine: opens the channels whose session is due back. `now`: the database's time. */
export async function reopenDue(db: Db, events: Ports['events'], now: () => Date): Promise<void> {
  for (const { id, workspaceId } of await selectDueBack(db, DUE_BACK_MOST)) {
    await moveAlone(db, events, { workspaceId, channelId: id }, async (tx, locked) => {
      const { reopensAt } = locked.channel // another node may have opened it, or somebody ended it again
      return reopensAt && reopensAt <= now() && (await openLocked(tx, locked)) ? { type: 'channel.opened', facts: {} } : undefined
    })
  }
}

/** Within a verb: the locked channel's session is over until `reopensAt`, or until somebody links it again. */
export async function endSession(
  ctx: Context,
  locked: LockedChannel,
  end: { reason: ClosedReason; reopensAt: Date | undefined },
): Promise<void> {
  const { channel, blockedReason } = locked
  const { reason, reopensAt } = end
  await updateState(ctx.db, channel, { is: 'closed', reason, ...(reopensAt && { reopensAt }) })
  if (blockedReason !== PAUSED) await updateBlock(ctx.db, channel, reason)
  if (channel.state !== 'closed') raise(ctx, 'channel.closed', { channelId: channel.id }, { reason })
}

/** Within a verb: the locked channel works again. */
export async function reopen(ctx: Context, locked: LockedChannel): Promise<void> {
  if (await openLocked(ctx.db, locked)) raise(ctx, 'channel.opened', { channelId: locked.channel.id })
}

async function openLocked(db: Db, { channel, blockedReason }: LockedChannel): Promise<boolean> {
  if (channel.state === 'open') return false
  // whoever holds the session opens it when it is there
  if (channel.kind === 'web') {
    await updateState(db, channel, { is: 'connecting', reason: undefined })
    await notifyChanged(db, channel.id)
    return false
  }
  await updateState(db, channel, { is: 'open', reason: undefined })
  if (blockedReason !== PAUSED) await updateBlock(db, channel, undefined)
  await notifyDue(db)
  return true
}

type Told = Pick<RaisedEvent, 'type' | 'facts'> | undefined

async function moveAlone(
  db: Db,
  events: Ports['events'],
  { workspaceId, channelId }: Omit<Move, 'reason'>,
  move: (tx: Db, locked: LockedChannel) => Promise<Told>,
): Promise<void> {
  const raised = await inTransaction(db, {}, async (tx): Promise<RaisedEvent[]> => {
    const locked = await lockChannel(tx, workspaceId, channelId)
    const told = locked && (await move(tx, locked))
    if (!told) return []
    await notifyChanged(tx, channelId)
    const event = { id: newId(), workspaceId, subjects: { channelId }, ...told }
    events.append(tx, [event])
    return [event]
  })
  if (raised.length > 0) events.hint(raised)
}
