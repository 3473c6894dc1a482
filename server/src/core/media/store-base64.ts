import { z } from 'zod'
import { invalidField } from '#kit/errors'
import { operation } from '#kit/operation'
import type { Media } from './media.ts'
import { BYTES_MOST, checkSize, keepFile } from './store-media.ts'

const DATA_URL = /^data:([^,;]*)((?:;[^,;]*)*),/i
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const LENGTH_MOST = Math.ceil(BYTES_MOST / 3) * 4 + 1_024

export const storeBase64 = operation({
  name: 'media.store-base64',
  does: 'Keep a file given as base64, plain or as a data URL.',
  needs: 'media:write',
  mayRefuse: ['invalid', 'too_large'],
  transaction: 'none',
  input: z
    .strictObject({
      base64: z.string().optional(),
      dataUrl: z.string().optional(),
      filename: z.string().max(1024).optional(),
      mimeType: z.string().max(255).optional(),
    })
    .refine(({ base64, dataUrl }) => (base64 === undefined) !== (dataUrl === undefined), 'either base64 or dataUrl'),
  run(ctx, { base64, dataUrl, filename, mimeType }): Promise<Media> {
    const path = dataUrl === undefined ? 'base64' : 'dataUrl'
    const { claimed, bytes } = decode(dataUrl ?? base64 ?? '', path)
    return keepFile(ctx, { bytes, filename, mimeType: mimeType ?? claimed, source: 'base64' })
  },
})

function decode(text: string, path: string): { claimed: string | undefined; bytes: Buffer } {
  if (text.length > LENGTH_MOST) checkSize(BYTES_MOST + 1)
  const [head = '', claimed, parameters = ''] = DATA_URL.exec(text.slice(0, 1_024)) ?? []
  if (path === 'dataUrl' && head === '') throw invalidField(path, 'is not a data URL')
  if (head !== '' && !/;base64$/i.test(parameters)) throw invalidField(path, 'must be base64')
  const body = text.slice(head.length).replace(/\s+/g, '')
  if (body.replace(/=+$/, '').length % 4 === 1 || !BASE64.test(body)) throw invalidField(path, 'is not base64')
  return { claimed: claimed || undefined, bytes: Buffer.from(body, 'base64') }
}
