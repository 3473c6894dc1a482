import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { Door } from '#kit/door'
import { One, Refusal } from './answers.wire.ts'

/** The scope of this door: schemas are zod, handlers get what they parsed. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** What the reference says of a route. */
export const about = (tag: string, [title, does]: readonly [title: string, does?: string], scope?: string) => ({
  tags: [tag],
  summary: title,
  description: [does ?? [], scope === undefined ? [] : `Scope: \`${scope}\``].flat().join('\n\n'),
})

/** The answers of a route, for the reference; typed loosely, as answers are written by pure functions and not checked again. */
export const answers = (status: 200 | 201 | 204, body: z.ZodType): Record<string, unknown> => ({ [status]: body, '4xx': Refusal })

/** The answers of a route that sends. */
export const sendAnswers: Record<string, unknown> = {
  ...answers(201, One.describe('Made')),
  200: One.describe('What the first request under this Idempotency-Key made; nothing is sent again'),
}

/** Where people reach us; behind an address that nobody configured, as this caller did. */
export const addressOfUs = ({ publicUrl }: Door, { protocol, host }: { protocol: string; host: string }): string =>
  publicUrl || `${protocol}://${host}`
