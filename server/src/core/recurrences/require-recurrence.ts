import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { findRecurrence, lockRecurrence } from './recurrence.store.ts'
import { isLive, type Recurrence } from './recurrence.ts'

/** Throws `not_found`. */
export async function requireRecurrence(ctx: Context, recurrenceId: string): Promise<Recurrence> {
  const recurrence = await findRecurrence(ctx.db, ctx.workspaceId, recurrenceId)
  if (!recurrence) throw notFound('recurrence')
  return recurrence
}

/** Its row is held until the end of the transaction. Throws `not_found`. */
export async function holdRecurrence(ctx: Context, recurrenceId: string): Promise<Recurrence> {
  const recurrence = await lockRecurrence(ctx.db, ctx.workspaceId, recurrenceId)
  if (!recurrence) throw notFound('recurrence')
  return recurrence
}

/** The same for one that has not come to its end. Throws `conflict`. */
export async function holdLive(ctx: Context, recurrenceId: string): Promise<Recurrence> {
  const recurrence = await holdRecurrence(ctx, recurrenceId)
  if (isLive(recurrence.state)) return recurrence
  throw new DomainError('conflict', `A ${recurrence.state} recurrence cannot be changed`, { facts: { state: recurrence.state } })
}
