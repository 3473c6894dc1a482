import type { ClosedReason, DegradedReason } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Db, databaseTime, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { isPhoneTaken, type LockedChannel, lockChannel } from './channel.store.ts'
import type { Channel, ChannelState } from './channel.ts'
import { beginRamp } from './cold-pace.store.ts'
import { guardChannel } from './guard-channel.ts'
import { hasIdentity } from './has-identity.ts'
import { selectLink } from './link.store.ts'
import { PAUSED } from './pause-channel.ts'
import { deleteLink, isHeld, type SessionRef, updateBegun, updateCodeKnown, updatePhone, updateShown } from './session.store.ts'
import { notifyChanged, notifyDue, updateBlock, updateState } from './state.store.ts'

export type { SessionRef } from './session.store.ts'

/** How a session stands, for those who do not hold it. `phone`: the number that was linked, E.164. */
export type SessionStand = {
  is: ChannelState
  reason?: ClosedReason | DegradedReason | undefined
  reopensAt?: Date | undefined
  phone?: string
}

const TOLD = { open: 'channel.opened', degraded: 'channel.degraded', closed: 'channel.closed' } as const satisfies Partial<
  Record<ChannelState, string>
>

/** Why a linked number is not taken: it is another one than before, or another channel has it. */
export type NumberRefusal = Extract<ClosedReason, 'wrong_number' | 'number_taken'>

/**
 * For the process that holds a session: the channel stands like this now. `lost`: another process holds it; `ended`: a person has closed the channel
 * or wants a new identity; a refusal: the number that was linked cannot be this channel's. Then nothing was written.
 */
export async function moveSession(db: Db, events: Ports['events'], session: SessionRef, stand: SessionStand): Promise<Moved['answer']> {
  const { answer, raised } = await inTransaction(db, {}, async (tx): Promise<Moved> => {
    if (!(await isHeld(tx, session))) return { answer: 'lost', raised: [] }
    const locked = await lockChannel(tx, session.workspaceId, session.channelId)
    if (!locked || (await isEnded(tx, locked.channel))) return { answer: 'ended', raised: [] }
    const refusal = stand.phone === undefined ? undefined : await takeNumber(tx, session, locked.channel, stand.phone)
    if (refusal) return { answer: refusal, raised: [] }
    return { answer: 'done', raised: await write(tx, events, locked, stand) }
  })
  if (raised.length > 0) events.hint(raised)
  return answer
}

type Moved = { answer: 'done' | 'lost' | 'ended' | NumberRefusal; raised: RaisedEvent[] }

/** A person's word stands: whoever holds the session has not heard it yet. */
const isEnded = async (tx: Db, channel: Channel): Promise<boolean> =>
  channel.state === 'closed' || (await selectLink(tx, channel))?.fresh === true

async function takeNumber(tx: Db, session: SessionRef, channel: Channel, phone: string): Promise<NumberRefusal | undefined> {
  if (channel.phone === phone) return undefined
  if (channel.phone !== '') return 'wrong_number' // its conversations are with the old one
  if (await isPhoneTaken(tx, session.workspaceId, { kind: 'web', phone })) return 'number_taken'
  await updatePhone(tx, session, phone)
  return undefined
}

async function write(
  tx: Db,
  events: Ports['events'],
  { channel, blockedReason }: LockedChannel,
  stand: SessionStand,
): Promise<RaisedEvent[]> {
  const { is, reason, reopensAt } = stand
  if (channel.state === is && channel.stateReason === reason) return []
  const isToBlame = is === 'closed' && isBlame(reason) && (await hasIdentity(tx, channel))
  await updateState(tx, channel, { is, reason, ...(reopensAt && { reopensAt }) })
  if (blockedReason !== PAUSED) await updateBlock(tx, channel, is === 'open' ? undefined : (reason ?? is))
  if (is === 'open') {
    await deleteLink(tx, { channelId: channel.id, workspaceId: channel.workspaceId })
    await beginRamp(tx, channel)
    await notifyDue(tx)
  }
  await notifyChanged(tx, channel.id)
  const guarded = isToBlame && reason ? await guardChannel(tx, channel, reason, new Date(await databaseTime(tx))) : []
  const type = is in TOLD ? TOLD[is as keyof typeof TOLD] : undefined // `in` has looked
  const facts = reason === undefined ? {} : { reason }
  const moved =
    type && channel.state !== is
      ? [{ id: newId(), workspaceId: channel.workspaceId, type, subjects: { channelId: channel.id }, facts }]
      : []
  const raised = [...moved, ...guarded]
  if (raised.length > 0) events.append(tx, raised)
  return raised
}

/** The network, or the person, has had enough: linked anew it writes to nobody new for a while. */
const isBlame = (reason: SessionStand['reason']): boolean => reason === 'banned' || reason === 'logged_out'

/** For the process that holds a session that is being linked: what there is to scan, until when. */
export async function showQr(
  db: Db,
  events: Ports['events'],
  session: SessionRef,
  { qr, until }: { qr: Buffer; until: Date },
): Promise<void> {
  const { workspaceId, channelId } = session
  const event = { id: newId(), workspaceId, type: 'channel.qr', subjects: { channelId }, facts: { until: until.toISOString() } }
  const shown = await fenced(db, session, async (tx) => {
    const isAsked = await updateShown(tx, session, { qr, until })
    if (isAsked) events.append(tx, [event])
    return isAsked
  })
  if (shown) events.hint([event])
}

/** …and that the letters may be typed now. */
export async function showCode(db: Db, session: SessionRef, code: Buffer, until: Date): Promise<void> {
  await fenced(db, session, (tx) => updateCodeKnown(tx, session, code, until))
}

/** …and that the identity of before is forgotten. */
export async function beginLink(db: Db, session: SessionRef): Promise<void> {
  await fenced(db, session, (tx) => updateBegun(tx, session))
}

/** undefined: another process holds it, and nothing was written. */
async function fenced<Result>(db: Db, session: SessionRef, write: (tx: Db) => Promise<Result>): Promise<Result | undefined> {
  return inTransaction(db, {}, async (tx) => {
    if (!(await isHeld(tx, session))) return undefined
    await notifyChanged(tx, session.channelId)
    return write(tx)
  })
}
