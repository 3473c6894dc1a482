import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { Spec } from '#kit/context'
import { Problem } from './lists.wire.ts'

/** The scope of this door: schemas are zod, handlers get what they parsed. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** What the reference says of a route: a title, and what the verb says of itself; a verb's second route needs an id of its own. */
export const about = (tag: string, { spec }: { spec: Spec }, title: string, operationId = spec.name) => ({
  operationId,
  tags: [tag],
  summary: title,
  description: [spec.does, ...(spec.needs ? [`Scope: \`${spec.needs}\``] : [])].join('\n\n'),
})

/** The answers of a route, for the reference; typed loosely, as answers are written by pure functions and not checked again (a test does). */
export const answers = (status: 200 | 201 | 204, body: z.ZodType): Record<string, unknown> => ({ [status]: body, '4xx': Problem })
