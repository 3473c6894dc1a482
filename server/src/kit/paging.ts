import { z } from 'zod'
import { DomainError } from './errors.ts'
import { isUuid } from './ids.ts'

/** One page by keyset: `next` names the last row, undefined at the end. */
export type Page<Row> = { rows: Row[]; next: string | undefined }

export const PAGE_DEFAULT = 50
export const PAGE_MOST = 200

/** What every list takes. */
export const PageInput = z.strictObject({
  limit: z.int().min(1).max(PAGE_MOST).default(PAGE_DEFAULT),
  cursor: z.string().max(512).optional(),
})

/** Rows fetched with one more than asked for -> the page and its cursor. */
export function pageOf<Row>(rows: Row[], limit: number, key: (row: Row) => unknown): Page<Row> {
  const last = rows[limit - 1]
  return rows.length > limit && last !== undefined
    ? { rows: rows.slice(0, limit), next: encodeCursor(key(last)) }
    : { rows, next: undefined }
}

export const encodeCursor = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url')

/** Throws `invalid` on anything that is not a cursor of ours. */
export function decodeCursor(cursor: string): unknown {
  try {
    if (cursor.length > 512) throw new Error('too long')
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw badCursor()
  }
}

/** The id in a cursor of a list that is ordered by id; undefined at the first page. Throws `invalid`. */
export function cursorId(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const id = decodeCursor(cursor)
  if (typeof id !== 'string' || !isUuid(id)) throw badCursor()
  return id
}

export const badCursor = (): DomainError =>
  new DomainError('invalid', 'This cursor is not one of ours', { issues: [{ path: 'cursor', code: 'custom', message: 'not a cursor' }] })
