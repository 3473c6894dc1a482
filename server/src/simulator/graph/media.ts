import { hmacSha256, randomToken, sameSecret } from '#kit/crypto'
import type { Files, NetworkFile } from '../files.ts'
import type { Network } from '../network.types.ts'
import type { Account } from './accounts.ts'
import { type Answer, json, missing, noSuchObject, refuse, success } from './answers.ts'

const MB = 2 ** 20
/** What Meta takes, and how much of it. */
const LIMITS = new Map<string, number>([
  ...['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'].map((type) => [type, 16 * MB] as const),
  ...['image/jpeg', 'image/png'].map((type) => [type, 5 * MB] as const),
  ...['video/mp4', 'video/3gpp'].map((type) => [type, 16 * MB] as const),
  ['image/webp', 500 * 1024],
])
/** Documents of any kind go through. */
const DOCUMENT_MOST = 100 * MB
const REFUSED_KINDS = ['image/', 'video/', 'audio/']

export const UPLOAD_MOST = DOCUMENT_MOST + MB
const URL_MS = 5 * 60_000
const UPLOADED_MS = 30 * 86_400_000
const INBOUND_MS = 7 * 86_400_000

export interface GraphMedia {
  upload(account: Account, form: Form): Promise<Answer>
  look(account: Account, id: string, base: string): Answer
  /** The bytes, for an address that `look` gave less than 5 minutes ago. */
  download(account: Account, query: URLSearchParams): Answer
  remove(account: Account, id: string): Answer
  knows(account: Account, id: string): boolean
}

const bareType = (type: string) => type.split(';')[0]?.trim().toLowerCase() ?? ''

export function createGraphMedia({ files, time }: Network): GraphMedia {
  const secret = randomToken(32)
  const signature = (id: string, until: string) => hmacSha256(secret, `${id} ${until}`).toString('base64url')
  /** The file while it lives: uploads 30 days, what phones sent 7. */
  function find(account: Account, id: string): NetworkFile | undefined {
    const file = files.get(id)
    if (!file) return undefined
    const isOwn = file.owner === account.wabaId
    const isInbound = account.numbers.some(({ number }) => number === file.owner)
    return (isOwn || isInbound) && time.now() - file.at < (isOwn ? UPLOADED_MS : INBOUND_MS) ? file : undefined
  }
  return {
    upload: (account, form) => upload(files, account, form),
    look(account, id, base) {
      const file = find(account, id)
      if (!file) return noSuchObject(id)
      const until = String(time.now() + URL_MS)
      const url = `${base}/whatsapp_business/attachments/?mid=${id}&ext=${until}&hash=${signature(id, until)}`
      return json({ messaging_product: 'whatsapp', url, mime_type: file.mimeType, sha256: file.sha256, file_size: file.bytes.length, id })
    },
    download(account, query) {
      const [id, until, hash] = [query.get('mid') ?? '', query.get('ext') ?? '', query.get('hash') ?? '']
      const file = sameSecret(hash, signature(id, until)) && Number(until) > time.now() ? find(account, id) : undefined
      return file
        ? { status: 200, body: file.bytes, type: file.mimeType }
        : { status: 404, body: 'URL signature expired', type: 'text/plain' }
    },
    remove(account, id) {
      if (!find(account, id)) return noSuchObject(id)
      files.delete(id)
      return success()
    },
    knows: (account, id) => find(account, id) !== undefined,
  }
}

type Form = { body: Buffer; contentType: string | undefined; query: URLSearchParams }

async function upload(files: Files, account: Account, { body, contentType, query }: Form): Promise<Answer> {
  const form = await readForm(body, contentType)
  const file = form?.get('file')
  if (!form || !(file instanceof File)) return refuse(missing('file'))
  if ((form.get('messaging_product') ?? query.get('messaging_product')) !== 'whatsapp') return refuse(missing('messaging_product'))
  const mimeType = String(form.get('type') ?? '').includes('/') ? String(form.get('type')) : file.type
  const most = LIMITS.get(bareType(mimeType)) ?? (REFUSED_KINDS.some((kind) => mimeType.startsWith(kind)) ? undefined : DOCUMENT_MOST)
  if (most === undefined)
    return refuse({ code: 100, details: `Param file must be a file with one of the supported types. Received file of type '${mimeType}'.` })
  if (file.size > most) return refuse({ code: 131053, details: `File size ${file.size} exceeds the ${most} bytes of ${mimeType}.` })
  if (file.size === 0) return refuse({ code: 131053, details: 'The file is empty.' })
  return json({ id: files.put({ bytes: Buffer.from(await file.arrayBuffer()), mimeType, filename: file.name, owner: account.wabaId }).id })
}

async function readForm(body: Buffer, contentType: string | undefined): Promise<FormData | undefined> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType ?? '' } }).formData()
  } catch {
    return undefined // whatever is no form is told as a missing file
  }
}
