import { z } from 'zod'
import { dual } from './dual.wire.ts'

/** One object for every generation of client: bare at the top, and again under `data`. `top` stands at the top alone. */
export function one<Shown extends object>(shown: Shown, top: object = {}) {
  const data = dual(shown)
  return { ...data, ...dual(top), success: true as const, data }
}

export type Window = { limit: number; skip: number }

/** One page for every generation: by skip and total, and by cursor. `cursorAt` names a place in the list. */
export function page<Shown extends object>(
  rows: readonly Shown[],
  { limit, skip, total, cursorAt }: Window & { total: number; cursorAt(skip: number): string },
) {
  const hasMore = skip + rows.length < total
  const next = hasMore ? cursorAt(skip + rows.length) : null
  return {
    success: true as const,
    data: rows.map(dual),
    limit,
    skip,
    total,
    has_more: hasMore,
    hasMore,
    next_cursor: next,
    nextCursor: next,
  }
}

const AnyObject = z.record(z.string(), z.unknown())
/** As the reference shows answers: the fields of `data` stand at the top as well, every key in both spellings. */
export const One = z
  .looseObject({ success: z.literal(true), data: AnyObject })
  .describe('The fields of data stand at the top as well, every key in camelCase and snake_case')
export const PageOf = z.object({
  success: z.literal(true),
  data: z.array(AnyObject),
  limit: z.int(),
  skip: z.int(),
  total: z.int(),
  has_more: z.boolean(),
  hasMore: z.boolean(),
  next_cursor: z.string().nullable(),
  nextCursor: z.string().nullable(),
})
/** The linked numbers: all under `data`, the first of them at the top. */
export const Engines = z
  .looseObject({ success: z.literal(true), connected: z.boolean(), data: z.array(AnyObject) })
  .describe('The fields of the first one stand at the top as well, every key in camelCase and snake_case')
export const Refusal = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.string(),
    message: z.string(),
    requestId: z.string(),
    request_id: z.string(),
    details: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  }),
})
