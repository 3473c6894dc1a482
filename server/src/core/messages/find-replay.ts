import { z } from 'zod'
import { DomainError } from '#kit/errors'
import { operation } from '#kit/operation'
import { findKey } from './accept.store.ts'
import { findMessage } from './message.store.ts'
import type { OutgoingMessage } from './message.ts'

export const findReplay = operation({
  name: 'messages.find-replay',
  does: 'Show the message that an earlier request made under this Idempotency-Key, before anything is fetched for it again; undefined: the key is free.',
  needs: 'messages:write',
  mayRefuse: ['idempotency_conflict'],
  input: z.strictObject({ key: z.string().min(1).max(255), fingerprint: z.instanceof(Buffer) }),
  async run(ctx, { key, fingerprint }): Promise<OutgoingMessage | undefined> {
    const known = await findKey(ctx.db, ctx.workspaceId, { key, now: ctx.now() })
    if (!known) return undefined
    const message =
      known.fingerprint.equals(fingerprint) && known.subject ? await findMessage(ctx.db, ctx.workspaceId, known.subject) : undefined
    if (message?.direction === 'out') return message
    throw new DomainError('idempotency_conflict', 'This Idempotency-Key was used with another request')
  },
})
