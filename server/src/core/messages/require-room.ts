import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import { countWaiting } from './accept.store.ts'

/** Throws `plan_limit` when nothing more may wait for a future time; holds the workspace's count until the transaction ends. */
export async function requireRoomToWait(ctx: Context, path: string): Promise<void> {
  const { plan } = await ctx.ports.workspaces.get(ctx.workspaceId)
  const most = plan.scheduledWaiting
  if (most !== undefined && (await countWaiting(ctx.db, ctx.workspaceId, most)) >= most) throw tooManyWait(most, path)
}

export const tooManyWait = (most: number, path: string): DomainError =>
  new DomainError('plan_limit', `This plan lets ${most} message${most === 1 ? '' : 's'} wait for a future time`, {
    issues: [{ path, code: 'plan_limit', message: 'too many messages wait already' }],
  })
