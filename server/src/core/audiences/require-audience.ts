import type { Context } from '#kit/context'
import { notFound } from '#kit/errors'
import { findAudience, lockAudience } from './audience.store.ts'
import type { Audience } from './audience.ts'

/** Throws `not_found`. */
export async function requireAudience(ctx: Context, audienceId: string): Promise<Audience> {
  const audience = await findAudience(ctx.db, ctx.workspaceId, audienceId)
  if (!audience) throw notFound('audience')
  return audience
}

/** Its row is held until the end of the transaction. Throws `not_found`. */
export async function holdAudience(ctx: Context, audienceId: string): Promise<Audience> {
  const audience = await lockAudience(ctx.db, ctx.workspaceId, audienceId)
  if (!audience) throw notFound('audience')
  return audience
}
