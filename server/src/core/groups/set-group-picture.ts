import { z } from 'zod'
import { openMedia } from '#core/media'
import { DomainError, noSuch } from '#kit/errors'
import { operation, withTransaction } from '#kit/operation'
import { updateGroupRow } from './group.store.ts'
import type { Group } from './group.ts'
import { reachOwnGroup } from './require-group.ts'
import { granted } from './road-answer.ts'
import { writeDeed } from './write-deed.ts'

const TYPES = ['image/jpeg', 'image/png']
const BYTES_MOST = 20 * 1_048_576

export const setGroupPicture = operation({
  name: 'groups.set-picture',
  does: 'Give a group a picture: a stored JPEG or PNG file of up to 20 MB.',
  needs: 'groups:write',
  mayRefuse: ['not_found', 'conflict', 'too_large', 'unsupported_media', 'channel_closed', 'unsupported', 'unavailable'],
  transaction: 'none',
  input: z.strictObject({ groupId: z.uuid(), mediaId: z.uuid() }),
  async run(ctx, { groupId, mediaId }): Promise<Group> {
    const { group, entry, road } = await reachOwnGroup(ctx, groupId)
    const file = await openMedia(ctx.db, ctx.ports.files, ctx.workspaceId, mediaId)
    if (!file) throw noSuch('mediaId', 'file')
    const { mimeType, size } = file.media
    if (!TYPES.includes(mimeType)) throw new DomainError('unsupported_media', 'A picture is a JPEG or a PNG')
    if (size > BYTES_MOST) throw new DomainError('too_large', 'A picture has 20 MB at most')
    granted(await road.setPicture(entry, group.address, { bytes: await file.read(), mimeType }))
    return withTransaction(ctx, async (inside) => {
      const changed = await writeDeed(inside, { entry, address: group.address }, { kind: 'changed', picture: true })
      return updateGroupRow(inside.db, { ...changed, pictureId: mediaId })
    })
  },
})
