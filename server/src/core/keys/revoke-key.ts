import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { updateRevoked } from './key.store.ts'
import type { Key } from './key.ts'

export const revokeKey = operation({
  name: 'keys.revoke',
  does: 'Refuse a key from now on. Revoking twice changes nothing.',
  needs: 'keys:write',
  mayRefuse: ['not_found'],
  input: z.strictObject({ keyId: z.uuid() }),
  async run(ctx, { keyId }): Promise<Key> {
    const revoked = await updateRevoked(ctx.db, ctx.workspaceId, keyId)
    if (!revoked) throw notFound('key')
    ctx.transaction?.afterCommit.push(() => ctx.ports.keyRing.forget(revoked.hash.toString('hex')))
    return revoked.key
  },
})
