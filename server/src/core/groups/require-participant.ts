import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { hasParticipant } from './participant.store.ts'
import { readPerson } from './read-people.ts'
import { requireGroup } from './require-group.ts'

/** The address of somebody in the group. Throws `not_found`, also when it is nobody's. */
export async function requireParticipant(ctx: Context, groupId: string, participant: string): Promise<string> {
  const group = await requireGroup(ctx, groupId)
  const address = await readPerson(ctx, participant).catch((error: unknown) => {
    throw error instanceof DomainError ? notFound('participant') : error
  })
  if (!(await hasParticipant(ctx.db, group, address))) throw notFound('participant')
  return address
}
