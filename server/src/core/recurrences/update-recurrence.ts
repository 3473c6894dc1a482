import { z } from 'zod'
import { operation, raise } from '#kit/operation'
import { dropEdits } from './change.store.ts'
import { checkTemplate, requireComing } from './create-recurrence.ts'
import { goOn } from './go-on.ts'
import { saveRecurrence } from './recurrence.store.ts'
import type { Recurrence, Series } from './recurrence.ts'
import { Template, TemplateEdit, When } from './recurrence-input.ts'
import { holdLive } from './require-recurrence.ts'

export const updateRecurrence = operation({
  name: 'recurrences.update',
  does: 'Change what is sent, or when, from the next occurrence on. With another rule, start or zone what was changed of single occurrences is let go; what is skipped stays so.',
  needs: 'messages:write',
  mayRefuse: ['invalid', 'not_found', 'conflict', 'unsupported'],
  input: z.strictObject({
    recurrenceId: z.uuid(),
    rule: When.rule.optional(),
    startsAt: When.startsAt.optional(),
    timeZone: When.timeZone.optional(),
    message: z.strictObject(TemplateEdit).optional(),
  }),
  async run(ctx, { recurrenceId, message, rule, startsAt, timeZone }): Promise<Recurrence> {
    const before = await holdLive(ctx, recurrenceId)
    const template = isEdit(message) ? edited(before.template, message) : before.template
    if (template !== before.template) await checkTemplate(ctx, template)
    const series: Series = { rule: rule ?? before.rule, startsAt: startsAt ?? before.startsAt, timeZone: timeZone ?? before.timeZone }
    const changed = { ...before, ...series, template }
    raise(ctx, 'recurrence.updated', { recurrenceId })
    if (rule === undefined && startsAt === undefined && timeZone === undefined) return saveRecurrence(ctx.db, changed)
    await requireComing(series, ctx.now())
    await dropEdits(ctx.db, before)
    const isDue = before.nextAt !== undefined && before.nextAt <= ctx.now() // its time had come before this: it is sent, what follows is new
    return before.state === 'paused' || isDue ? saveRecurrence(ctx.db, changed) : goOn(ctx, changed)
  },
})

const isEdit = (edit: object | undefined): edit is object => Object.values(edit ?? {}).some((value) => value !== undefined)

/** null takes a field away. */
function edited(template: Template, edit: object): Template {
  const entries = Object.entries({ ...template, ...withoutUndefined(edit) }).filter(([, value]) => value !== null)
  return Template.parse(Object.fromEntries(entries))
}

const withoutUndefined = (edit: object) => Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined))
