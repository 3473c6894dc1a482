import { z } from 'zod'
import type { Context } from '#kit/context'
import { DomainError, invalidField, notFound } from '#kit/errors'
import { operation, raise } from '#kit/operation'
import { type Calendar, openCalendar } from './calendar.ts'
import { countChanges, findChanges, saveChange } from './change.store.ts'
import { checkTemplate } from './create-recurrence.ts'
import { saveRecurrence } from './recurrence.store.ts'
import type { Occurrence, OccurrenceChange, Recurrence } from './recurrence.ts'
import { RecurringContent } from './recurrence-input.ts'
import { holdLive } from './require-recurrence.ts'
import { type Changes, nextOccurrence, occurrenceAt } from './upcoming.ts'

/** How many occurrences to come may be skipped or changed at a time. */
const CHANGES_MOST = 200

const Named = { recurrenceId: z.uuid(), occurrence: z.date().describe('Its time by the rule') }

export const skipOccurrence = operation({
  name: 'recurrences.occurrences.skip',
  does: 'Leave out one occurrence to come. Once this answers, it is not sent.',
  needs: 'messages:write',
  mayRefuse: ['not_found', 'conflict'],
  input: z.strictObject(Named),
  async run(ctx, { recurrenceId, occurrence }): Promise<void> {
    const { recurrence, changes } = await holdComing(ctx, recurrenceId, occurrence)
    if (changes.get(occurrence.getTime())?.skipped) return
    await change(ctx, recurrence, { occurrence, skipped: true, sendAt: undefined, content: undefined })
    raise(
      ctx,
      'recurrence.skipped',
      { recurrenceId },
      { reason: 'asked', count: 1, from: occurrence.toISOString(), until: occurrence.toISOString() },
    )
  },
})

export const editOccurrence = operation({
  name: 'recurrences.occurrences.edit',
  does: 'Change one occurrence to come: what is sent, or when, between the occurrences around it. One that was skipped is sent again.',
  needs: 'messages:write',
  mayRefuse: ['invalid', 'not_found', 'conflict', 'unsupported'],
  input: z.strictObject({ ...Named, content: RecurringContent.optional(), sendAt: z.date().optional() }),
  async run(ctx, { recurrenceId, occurrence, content, sendAt }): Promise<Occurrence> {
    const { recurrence, changes, calendar } = await holdComing(ctx, recurrenceId, occurrence)
    if (content) await checkTemplate(ctx, { ...recurrence.template, content })
    if (sendAt) requireBetween(ctx, { recurrence, changes, calendar, occurrence, sendAt })
    const before = changes.get(occurrence.getTime())
    await change(ctx, recurrence, {
      occurrence,
      skipped: false,
      sendAt: sendAt ?? before?.sendAt,
      content: content ?? before?.content,
    })
    raise(ctx, 'recurrence.updated', { recurrenceId }, { occurrence: occurrence.toISOString() })
    return occurrenceAt(await findChanges(ctx.db, recurrence), occurrence)
  },
})

type Held = { recurrence: Recurrence; changes: Changes; calendar: Calendar }

/** A live recurrence, held, and its occurrence, which has not been handled. Throws `not_found` for a time that is none of the rule's. */
async function holdComing(ctx: Context, recurrenceId: string, occurrence: Date): Promise<Held> {
  const recurrence = await holdLive(ctx, recurrenceId)
  const calendar = await openCalendar(recurrence)
  if (calendar.after(new Date(occurrence.getTime() - 1))?.getTime() !== occurrence.getTime()) throw notFound('occurrence')
  const { handledThrough, nextOccurrence: next, createdAt } = recurrence
  const isOver = (handledThrough && occurrence <= handledThrough) || (next ? occurrence < next && !(await isSkipped()) : false)
  if (isOver || occurrence < createdAt) throw new DomainError('conflict', 'The time of this occurrence is over')
  return { recurrence, calendar, changes: await findChanges(ctx.db, recurrence) }

  async function isSkipped() {
    return (await findChanges(ctx.db, recurrence)).get(occurrence.getTime())?.skipped
  }
}

/** Occurrences keep their order. */
function requireBetween(ctx: Context, { changes, calendar, occurrence, sendAt }: Held & { occurrence: Date; sendAt: Date }): void {
  if (sendAt <= ctx.now()) throw invalidField('sendAt', 'must be in the future', 'too_small')
  const before = calendar.before(occurrence)
  if (before && sendAt <= occurrenceAt(changes, before).sendAt)
    throw invalidField('sendAt', 'must be after the occurrence before', 'too_small')
  const next = calendar.after(occurrence)
  if (next && sendAt >= occurrenceAt(changes, next).sendAt) throw invalidField('sendAt', 'must be before the next occurrence', 'too_big')
}

/** Writes the change, and where the recurrence goes next with it. */
async function change(ctx: Context, recurrence: Recurrence, one: OccurrenceChange): Promise<void> {
  if ((await countChanges(ctx.db, recurrence)) >= CHANGES_MOST)
    throw new DomainError('conflict', `At most ${CHANGES_MOST} occurrences to come can be changed or skipped`)
  await saveChange(ctx.db, recurrence, one)
  const { state, nextOccurrence: next } = recurrence
  const isFirst = state === 'active' && (next === undefined || one.occurrence <= next)
  const first = isFirst ? nextOccurrence(await openCalendar(recurrence), await findChanges(ctx.db, recurrence), before(one)) : undefined
  const moved = isFirst ? { nextOccurrence: first?.occurrence, nextAt: first?.sendAt } : {}
  const ended = isFirst && !first ? ({ state: 'completed', endedAt: ctx.now() } as const) : {}
  if (isFirst && !first) raise(ctx, 'recurrence.completed', { recurrenceId: recurrence.id })
  await saveRecurrence(ctx.db, { ...recurrence, ...moved, ...ended })
}

const before = ({ occurrence }: OccurrenceChange) => new Date(occurrence.getTime() - 1)
