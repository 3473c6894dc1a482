import { z } from 'zod'
import { PAGE_DEFAULT, PAGE_MOST } from '#kit/paging'
import { isPlainTime } from '#kit/times'

/** What every list takes. */
export const Paging = {
  limit: z.coerce.number().pipe(z.int().min(1).max(PAGE_MOST)).default(PAGE_DEFAULT).describe(`Rows a page, 1 to ${PAGE_MOST}`),
  cursor: z.string().max(512).optional().describe('nextCursor of the page before'),
}

export const ListOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ data: z.array(row), nextCursor: z.string().nullable().describe('Null on the last page') })

export const showList = <Row, Shown>({ rows, next }: { rows: readonly Row[]; next: string | undefined }, show: (row: Row) => Shown) => ({
  data: rows.map(show),
  nextCursor: next ?? null,
})

/** A time in a body or query. */
export const Time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine(isPlainTime, 'must lie in the years 1 to 9999')
  .meta({ description: 'ISO 8601 with a zone', examples: ['2031-05-04T09:30:00Z'] })

export const ShownTime = z.iso.datetime().describe('ISO 8601, UTC')
export const showTime = (time: Date | undefined): string | null => (time === undefined ? null : time.toISOString())

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('A word for programs'),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
    scope: z.string().optional().describe('The missing scope of a 403'),
    retryAfter: z.int().optional().describe('Seconds, of a 429'),
  })
  .describe('RFC 9457: what went wrong')
