import type { Context } from '#kit/context'
import { newId } from '#kit/ids'
import { hideIfOwn, insertAudience } from './audience.store.ts'
import type { Audience } from './audience.ts'
import type { MemberInput } from './member-input.ts'
import { placeMembers, readAllMembers } from './place-members.ts'

/** The people of one campaign alone, in the transaction that is open; shown in no list. Throws `invalid` with every address that is none, under `recipients`. */
export async function createOwnAudience(
  ctx: Context,
  { name, members }: { name: string; members: readonly MemberInput[] },
): Promise<Audience> {
  const people = await readAllMembers(ctx, members, 'recipients')
  return placeMembers(ctx, await insertAudience(ctx.db, { id: newId(), workspaceId: ctx.workspaceId, name }, true), people)
}

/** Its people are frozen: the list is not needed any more. An audience that others may use stays. */
export const hideOwnAudience = (ctx: Context, audienceId: string): Promise<void> => hideIfOwn(ctx.db, ctx.workspaceId, audienceId)
