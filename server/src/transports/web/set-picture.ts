import type { RoadAnswer } from '#core/transport'
import { ok } from './asked.ts'
import type { LiveSession } from './live-session.ts'

/** The picture of a group, cut and scaled where there is a library for that; else a JPEG goes as it is. */
export async function setPicture(
  { baileys, socket }: LiveSession,
  group: string,
  { bytes, mimeType }: { bytes: Buffer; mimeType: string },
): Promise<RoadAnswer<undefined>> {
  const scaled = await baileys.generateProfilePicture(bytes).then(
    ({ img }) => img,
    () => undefined,
  )
  const content = scaled ?? (mimeType === 'image/jpeg' ? bytes : undefined)
  if (!content) return { kind: 'refused', code: 'invalid', reason: 'The picture could not be read; a JPEG is sure to work' }
  await socket.query({
    tag: 'iq',
    attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'w:profile:picture', target: group },
    content: [{ tag: 'picture', attrs: { type: 'image' }, content }],
  })
  return ok(undefined)
}
