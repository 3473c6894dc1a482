import { findWorkspace } from '#core/workspaces'
import type { Db } from '#kit/db'
import { DomainError, invalidField } from '#kit/errors'
import { newId } from '#kit/ids'
import type { KeyWishes } from './create-key.ts'
import { insertKey } from './key.store.ts'
import type { Key } from './key.ts'
import { describeSecret, hashSecret } from './mint-secret.ts'
import { normaliseScopes } from './scopes.ts'

/** Takes over a key that a client already uses. Throws `invalid` on a format that is nobody's or lies about the environment, `conflict` on a known key. */
export async function importKey(
  db: Db,
  { workspaceId, secret, name, style, scopes = ['*'], owner = 'operator' }: KeyWishes & { secret: string },
): Promise<Key> {
  const described = describeSecret(secret)
  if (!described) throw invalidField('secret', 'this is not a key of a product we know')
  const { environment } = await findWorkspace(db, workspaceId)
  if (described.environment !== undefined && described.environment !== environment) {
    throw invalidField('secret', `this is a ${described.environment} key, the workspace is ${environment}`)
  }
  const key = await insertKey(db, {
    id: newId(),
    workspaceId,
    name,
    owner,
    style: style ?? described.style,
    scopes: normaliseScopes(scopes),
    hash: hashSecret(secret),
    lastFour: secret.slice(-4),
  })
  if (!key) throw new DomainError('conflict', 'This key is known already, or was and is revoked')
  return key
}
