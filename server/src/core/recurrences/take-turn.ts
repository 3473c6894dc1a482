import { makeMessage, prepareMessages } from '#core/messages'
import { LATE_DEFAULT } from '#core/workspaces'
import type { Context } from '#kit/context'
import { sha256 } from '#kit/crypto'
import { DomainError, isPassing } from '#kit/errors'
import { derivedId } from '#kit/ids'
import { raise, withTransaction } from '#kit/operation'
import { openCalendar } from './calendar.ts'
import { dropChangesThrough, findChanges } from './change.store.ts'
import { planTurn, type Turn } from './plan-turn.ts'
import { findRecurrence, lockUnchanged, saveRecurrence } from './recurrence.store.ts'
import type { Occurrence, Recurrence } from './recurrence.ts'

type Prepared = Exclude<Awaited<ReturnType<typeof prepareMessages>>[number], DomainError>

/**
 * Makes the message of a recurrence whose time has come and moves it on to its next occurrence, in one transaction. Everything is worked out before:
 * the transaction begins with a look that nobody changed the recurrence meanwhile, so that a cancel, a skip or an edit that was answered counts.
 */
export async function takeTurn(ctx: Context, recurrenceId: string): Promise<void> {
  const recurrence = await findRecurrence(ctx.db, ctx.workspaceId, recurrenceId)
  if (recurrence?.state !== 'active') return
  const changes = await findChanges(ctx.db, recurrence)
  const calendar = await openCalendar(recurrence)
  const turn = planTurn(recurrence, { calendar, changes, now: ctx.now(), mayBeLateMs: await mayBeLateMs(ctx, recurrence) })
  if (!turn) return
  const message = turn.send && (await prepare(ctx, recurrence, turn.send))
  await withTransaction(ctx, async (inside) => {
    if (await lockUnchanged(inside.db, recurrence)) await write(inside, recurrence, { turn, message })
  })
}

/** A message that waits for a person when it is late may be made at any time. */
async function mayBeLateMs(ctx: Context, { template }: Recurrence): Promise<number> {
  const { settings } = await ctx.ports.workspaces.get(ctx.workspaceId)
  const late = template.late ?? settings.late ?? LATE_DEFAULT
  return late.action === 'hold' ? Number.POSITIVE_INFINITY : late.afterSeconds * 1000
}

async function prepare(ctx: Context, { id, address, template }: Recurrence, { content }: Occurrence): Promise<Prepared | DomainError> {
  const input = {
    ...template,
    to: address,
    content: content ?? template.content,
    recurrenceId: id,
    origin: 'api' as const,
    noChannel: 'hold' as const,
    horizon: { minSeconds: 0, maxSeconds: 0 },
  }
  const [prepared] = await prepareMessages(ctx, [input], { awaited: false })
  if (prepared === undefined || isPassing(prepared)) throw prepared ?? new DomainError('internal', 'Nothing was prepared') // it is tried again
  return prepared
}

async function write(
  ctx: Context,
  recurrence: Recurrence,
  { turn, message }: { turn: Turn; message: Prepared | DomainError | undefined },
): Promise<void> {
  const { send, missed, handledThrough, next } = turn
  const subjects = { recurrenceId: recurrence.id }
  if (missed.length > 0) raise(ctx, 'recurrence.skipped', subjects, factsOf(missed))
  if (send && message instanceof DomainError)
    raise(ctx, 'recurrence.skipped', subjects, { ...factsOf([send]), reason: message.code, detail: message.message })
  if (send && message && !(message instanceof DomainError))
    await makeMessage(ctx, message, { id: messageIdOf(recurrence, send), at: send.sendAt })
  await saveRecurrence(ctx.db, {
    ...recurrence,
    handledThrough,
    nextOccurrence: next?.occurrence,
    nextAt: next?.sendAt,
    ...(!next && { state: 'completed', endedAt: ctx.now() }),
  })
  await dropChangesThrough(ctx.db, recurrence, handledThrough)
  if (!next) raise(ctx, 'recurrence.completed', subjects)
}

const factsOf = (missed: readonly Occurrence[]) => ({
  reason: 'missed',
  count: missed.length,
  from: missed[0]?.occurrence.toISOString(),
  until: missed.at(-1)?.occurrence.toISOString(),
})

/** The same occurrence always has the same message. */
const messageIdOf = ({ id }: Pick<Recurrence, 'id'>, { occurrence, sendAt }: Pick<Occurrence, 'occurrence' | 'sendAt'>): string =>
  derivedId(sendAt, sha256(`recurrence ${id} ${occurrence.toISOString()}`))
