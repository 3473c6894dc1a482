import { z } from 'zod'
import { badCursor, decodeCursor, encodeCursor, PAGE_DEFAULT, PAGE_MOST } from '#kit/paging'

const SKIP_MOST = 1_000_000

/** A number of a query; an empty word is none, and not zero. */
export const Figure = z.preprocess((word) => (word === '' ? Number.NaN : word), z.coerce.number())
/** What the reference says of a figure: zod tells it of the plain kind only. */
export const bounds = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum })
export const Whole = (least: number, most: number) => Figure.pipe(z.int().min(least).max(most)).meta(bounds(least, most))
export const WholeOr = (usual: number, least: number, most: number) => Whole(least, most).default(usual).describe(`${usual} when absent`)

/** What every list takes: the older clients page by cursor, the present ones by skip. */
export const Paging = {
  limit: WholeOr(PAGE_DEFAULT, 1, PAGE_MOST).describe(`Rows a page; ${PAGE_DEFAULT} when absent`),
  skip: Whole(0, SKIP_MOST).optional().describe('Rows to leave out'),
  cursor: z.string().max(512).optional().describe('next_cursor of the page before, instead of skip'),
}
export const Order = z.enum(['asc', 'desc']).default('desc')

/** A place in a list and which of two lists it is: GET /v1/messages has two. */
export type Place = { skip: number; list: string | undefined }

export const cursorTo = ({ skip, list }: Place): string => encodeCursor(list === undefined ? skip : [list, skip])

const Cursor = z.union([z.int().min(0).max(SKIP_MOST), z.tuple([z.string().max(16), z.int().min(0).max(SKIP_MOST)])])

/** Throws `invalid` on a cursor that is none of ours. */
export function placeOf({ cursor, skip }: { cursor?: string | undefined; skip?: number | undefined }): Place {
  if (cursor === undefined) return { skip: skip ?? 0, list: undefined }
  const read = Cursor.safeParse(decodeCursor(cursor))
  if (!read.success) throw badCursor()
  return typeof read.data === 'number' ? { skip: read.data, list: undefined } : { skip: read.data[1], list: read.data[0] }
}
