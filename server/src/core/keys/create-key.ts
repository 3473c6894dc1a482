import { z } from 'zod'
import { findWorkspace } from '#core/workspaces'
import type { Context } from '#kit/context'
import type { Db } from '#kit/db'
import { DomainError, notFound } from '#kit/errors'
import { newId } from '#kit/ids'
import { hasScope, operation } from '#kit/operation'
import { insertKey, selectKeyOwner } from './key.store.ts'
import { KEY_STYLES, type Key, type KeyStyle } from './key.ts'
import { hashSecret, mintSecret } from './mint-secret.ts'
import { normaliseScopes } from './scopes.ts'

export type KeyWishes = { workspaceId: string; name: string; style?: KeyStyle; scopes?: readonly string[]; owner?: string }

/** Makes a key; `secret` is shown here and never again. For the command line and the first run, which are the operator. */
export async function issueKey(
  db: Db,
  { workspaceId, name, style = 'canonical', scopes = ['*'], owner = 'operator' }: KeyWishes,
): Promise<{ key: Key; secret: string }> {
  const { environment } = await findWorkspace(db, workspaceId)
  const secret = mintSecret(style, environment)
  const ours = normaliseScopes(scopes)
  const key = await insertKey(db, {
    id: newId(),
    workspaceId,
    name,
    owner,
    style,
    scopes: ours,
    hash: hashSecret(secret),
    lastFour: secret.slice(-4),
  })
  if (!key) throw new DomainError('unavailable', 'The key could not be made; try again')
  return { key, secret }
}

export const createKey = operation({
  name: 'keys.create',
  does: 'Make an API key for this workspace. Its secret is shown once.',
  needs: 'keys:write',
  mayRefuse: ['invalid', 'forbidden', 'not_found'],
  input: z.strictObject({
    name: z.string().trim().min(1).max(100),
    style: z.enum(KEY_STYLES).default('canonical'),
    scopes: z.array(z.string().max(64)).min(1).max(64).optional().describe('What the key may do; by default what the asking key may'),
    owner: z.string().min(1).max(200).optional(),
    workspaceId: z.uuid().optional(),
  }),
  async run(ctx, { name, style, scopes, owner, workspaceId }): Promise<{ key: Key; secret: string }> {
    if (workspaceId !== undefined && workspaceId !== ctx.workspaceId) throw notFound('workspace')
    const wanted = scopes ? normaliseScopes(scopes) : ctx.actor.scopes
    const beyond = wanted.find((scope) => !hasScope(ctx.actor.scopes, scope))
    if (beyond !== undefined)
      throw new DomainError('forbidden', `This key cannot give the scope ${beyond}: it lacks it`, { facts: { scope: beyond } })
    return issueKey(ctx.db, { workspaceId: ctx.workspaceId, name, style, scopes: wanted, owner: owner ?? (await ownerOf(ctx)) })
  },
})

/** A key made by a key belongs to the same owner. */
async function ownerOf(ctx: Context): Promise<string> {
  const owner = ctx.actor.id === undefined ? undefined : await selectKeyOwner(ctx.db, ctx.workspaceId, ctx.actor.id)
  return owner ?? 'operator'
}
