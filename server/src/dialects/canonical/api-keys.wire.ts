import { z } from 'zod'
import { KEY_STYLES, type Key } from '#core/keys'
import { ShownId, showId } from './ids.wire.ts'
import { ListOf, ShownTime, showTime } from './lists.wire.ts'

export const NewKey = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    style: z.enum(KEY_STYLES).optional().describe('Whose key format it has; every key opens every door'),
    scopes: z.array(z.string().max(64)).min(1).max(64).optional().describe("noun:read or noun:write; by default this key's own"),
  })
  .meta({ example: { name: 'Reminders', scopes: ['messages:write'] } })

export const ShownKey = z.object({
  id: ShownId('key'),
  name: z.string(),
  owner: z.string(),
  style: z.enum(KEY_STYLES),
  scopes: z.array(z.string()),
  lastFour: z.string(),
  createdAt: ShownTime,
  lastUsedAt: ShownTime.nullable(),
  revokedAt: ShownTime.nullable(),
})
export const KeyList = ListOf(ShownKey)
export const MadeKey = ShownKey.extend({ secret: z.string().describe('The key itself, shown this once') })

export const showKey = ({ id, name, owner, style, scopes, lastFour, createdAt, lastUsedAt, revokedAt }: Key) => ({
  id: showId('key', id),
  name,
  owner,
  style,
  scopes,
  lastFour,
  createdAt: showTime(createdAt),
  lastUsedAt: showTime(lastUsedAt),
  revokedAt: showTime(revokedAt),
})
