import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from './context.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the door's admission; reading it on an open route throws. */
    ctx: Context
  }
}

/** What the server's shell gives to every dialect. */
export interface Door {
  /** Finds the workspace of a credential, counts the request against the plan's rate, sets request.ctx. Throws `unauthenticated`, `rate_limited`. */
  admit(request: FastifyRequest, credential: string | undefined): Promise<Context>
  /** Runs a POST under its Idempotency-Key (if it carries one): the effect and the remembered answer in one transaction, a repeat gets the first answer. */
  once(request: FastifyRequest, reply: FastifyReply, effect: Effect): Promise<unknown>
  /** The Idempotency-Key for verbs that remember it themselves (messages); undefined when the request has none. Throws `invalid` on a bad one. */
  idempotency(request: FastifyRequest, more?: Readonly<Record<string, unknown>>): { key: string; fingerprint: Buffer } | undefined
  /** Where people reach us, without a slash at the end. */
  readonly publicUrl: string
}

/** What a POST does. `before` is for what may take its time (a file from elsewhere): it runs ahead of the transaction and answers what runs within. */
export type Effect = ((ctx: Context) => Promise<Answer>) | { before(ctx: Context): Promise<(ctx: Context) => Promise<Answer>> }

/** An effect that a network has, ahead of the transaction: within it stands only what an Idempotency-Key remembers. */
export const ahead = (work: (ctx: Context) => Promise<Answer>): Effect => ({
  async before(ctx) {
    const answer = await work(ctx)
    return async () => answer
  },
})

export type Answer = { status: number; body: unknown }

/** How a refusal looks at one door. */
export type SpokenError = { status: number; headers?: Record<string, string>; body: unknown }

/** Plugs a dialect's routes into its scope. */
export type Routes = (scope: FastifyInstance, door: Door) => Promise<void>
