import { z } from 'zod'
import { operation } from '#kit/operation'
import { type LinkPreview, URL_MOST } from './link-preview.ts'

export const previewLink = operation({
  name: 'links.preview',
  does: 'What a web page says of itself: title, description, picture. Nothing, when it is no page or does not answer.',
  needs: 'messages:read',
  mayRefuse: ['invalid', 'unavailable'],
  transaction: 'none', // nothing is held while a stranger's server takes its time
  input: z.strictObject({ url: z.string().min(1).max(URL_MOST) }),
  run: (ctx, { url }): Promise<LinkPreview> => ctx.ports.links.read(url),
})
