import { z } from 'zod'
import { operation } from '#kit/operation'
import { openCalendar } from './calendar.ts'
import type { Occurrence } from './recurrence.ts'
import { When } from './recurrence-input.ts'
import { listOccurrences } from './upcoming.ts'

export const previewRule = operation({
  name: 'recurrences.preview',
  does: 'The next times of a rule. Nothing is made.',
  needs: 'messages:read',
  mayRefuse: ['invalid'],
  input: z.strictObject({ ...When, occurrences: z.int().min(1).max(100).default(10) }),
  async run(ctx, { occurrences: most, ...series }): Promise<Occurrence[]> {
    return listOccurrences(await openCalendar(series), new Map(), { after: ctx.now(), most })
  },
})
