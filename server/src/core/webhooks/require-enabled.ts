import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { lockEndpoint } from './endpoint.store.ts'
import type { Endpoint } from './endpoint.ts'

/** Locks the endpoint. Throws `not_found`, or `conflict` when it is disabled. */
export async function requireEnabled(ctx: Context, endpointId: string): Promise<Endpoint> {
  const locked = await lockEndpoint(ctx.db, ctx.workspaceId, endpointId)
  if (!locked) throw notFound('webhook')
  if (locked.endpoint.state === 'disabled') throw new DomainError('conflict', 'A disabled webhook is told nothing: enable it first')
  return locked.endpoint
}
