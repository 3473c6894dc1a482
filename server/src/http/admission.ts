import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor, Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import type { RateLimits, Standing } from './rate-limits.ts'

export type AdmissionParts = {
  keyRing: { resolve(secret: string): Promise<Actor | undefined> }
  rateLimits: RateLimits
  makeContext(actor: Actor, requestId: string): Context
}

const SECRET_MOST = 512

/** Finds whose key it is and counts the request; the same work for every key, known or not. */
export function createAdmission({ keyRing, rateLimits, makeContext }: AdmissionParts) {
  return async (request: FastifyRequest, credential: string | undefined): Promise<Context> => {
    if (!credential || credential.length > SECRET_MOST) throw unauthenticated('An API key is needed')
    const actor = await keyRing.resolve(credential)
    if (!actor) throw unauthenticated('This API key is not known or was revoked')
    const ctx = makeContext(actor, request.id)
    request.ctx = ctx
    const { plan } = await ctx.ports.workspaces.get(actor.workspaceId)
    const limit = plan.requestsPerMinute
    if (limit !== undefined) request.standing = await rateLimits.take(`workspace:${actor.workspaceId}`, limit)
    return ctx
  }
}

const unauthenticated = (message: string) => new DomainError('unauthenticated', message)

/** The IETF draft's three headers, for whoever was counted. */
export function tellStanding(reply: FastifyReply, { limit, remaining, resetSeconds }: Standing): void {
  reply.header('RateLimit-Limit', limit).header('RateLimit-Remaining', remaining).header('RateLimit-Reset', resetSeconds)
}
