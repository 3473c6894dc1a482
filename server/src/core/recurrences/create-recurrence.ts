import { z } from 'zod'
import { checkMessage, requireRoomToWait } from '#core/messages'
import type { Context } from '#kit/context'
import { DomainError, invalidField } from '#kit/errors'
import { newId } from '#kit/ids'
import { operation, raise } from '#kit/operation'
import { openCalendar } from './calendar.ts'
import { countLive, insertRecurrence } from './recurrence.store.ts'
import type { Recurrence, Series } from './recurrence.ts'
import { Template, When } from './recurrence-input.ts'

/** Of a workspace, active and paused ones together. */
const LIVE_MOST = 10_000

export const createRecurrence = operation({
  name: 'recurrences.create',
  does: 'Send a message again and again, by a recurrence rule of RFC 5545 in the local time of a zone. The message of an occurrence is made when its time has come.',
  needs: 'messages:write',
  mayRefuse: ['invalid', 'not_found', 'no_channel', 'unsupported', 'plan_limit'],
  input: z.strictObject({ ...When, message: Template }),
  async run(ctx, { message: template, ...series }): Promise<Recurrence> {
    const { address } = await checkTemplate(ctx, template)
    const next = await requireComing(series, ctx.now())
    await requireRoomToWait(ctx, 'rule')
    if ((await countLive(ctx.db, ctx.workspaceId, LIVE_MOST)) >= LIVE_MOST)
      throw new DomainError('conflict', `A workspace has ${LIVE_MOST} recurrences at most`)
    const recurrence = await insertRecurrence(ctx.db, {
      ...series,
      id: newId(),
      workspaceId: ctx.workspaceId,
      state: 'active',
      address: address.address,
      template,
      handledThrough: undefined,
      nextOccurrence: next,
      nextAt: next,
      silentUntil: undefined,
      createdAt: ctx.now(),
      endedAt: undefined,
    })
    raise(ctx, 'recurrence.created', { recurrenceId: recurrence.id })
    return recurrence
  },
})

/** Throws what a message made from it now would be refused for. */
export const checkTemplate = (ctx: Context, template: Template): ReturnType<typeof checkMessage> =>
  checkMessage(ctx, { ...template, origin: 'api', noChannel: 'hold', horizon: { minSeconds: 0, maxSeconds: 0 } })

/** The first occurrence after this time. Throws `invalid` when there is none. */
export async function requireComing(series: Series, after: Date): Promise<Date> {
  const next = (await openCalendar(series)).after(after)
  if (!next) throw invalidField('rule', 'the rule has no occurrence to come')
  return next
}
