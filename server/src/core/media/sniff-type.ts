import { RECOGNISABLE, readSignature } from './signatures.ts'

const OFFICE = 'application/vnd.openxmlformats-officedocument'
const ANY = 'application/octet-stream'

const SAME: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'audio/mp3': 'audio/mpeg',
  'audio/m4a': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/x-aac': 'audio/aac',
  'application/x-zip-compressed': 'application/zip',
  'text/comma-separated-values': 'text/csv',
  'application/csv': 'text/csv',
}

const BY_ENDING: Readonly<Record<string, string>> = {
  doc: 'application/msword',
  xls: 'application/vnd.ms-excel',
  ppt: 'application/vnd.ms-powerpoint',
  docx: `${OFFICE}.wordprocessingml.document`,
  xlsx: `${OFFICE}.spreadsheetml.sheet`,
  pptx: `${OFFICE}.presentationml.presentation`,
  csv: 'text/csv',
  txt: 'text/plain',
  json: 'application/json',
  xml: 'application/xml',
  ics: 'text/calendar',
  vcf: 'text/vcard',
  m4a: 'audio/mp4',
  opus: 'audio/ogg',
}

/** What a container may hold beside what its bytes tell at first sight. */
const MAY_HOLD: Readonly<Record<string, RegExp>> = {
  'video/mp4': /^(audio\/mp4|video\/(3gpp|quicktime))$/,
  'audio/mp4': /^video\/mp4$/,
  'video/3gpp': /^(audio\/3gpp|video\/3gpp2)$/,
  'audio/ogg': /^(video|application)\/ogg$/,
  'video/webm': /^audio\/webm$/,
  'application/zip': /^application\/(vnd\.[\w.+-]+|epub\+zip|java-archive)$/,
  'application/x-ole-storage': /^application\/(msword|vnd\.ms-[\w.-]+)$/,
}

const TEXTUAL = /^(text\/[\w.+-]+|application\/(json|xml|javascript|yaml|[\w.-]+\+(json|xml))|image\/svg\+xml)$/
const SHAPE = /^[a-z]+\/[\w.+-]+$/

/** The type of a file: what its bytes say; what it was called counts only where the bytes leave it open. */
export function sniffType(bytes: Buffer, claims: { mimeType?: string | undefined; filename?: string | undefined }): string {
  const claimed = claimedType(claims)
  const told = readSignature(bytes)
  if (told !== undefined) return claimed !== undefined && MAY_HOLD[told]?.test(claimed) ? claimed : told
  if (isText(bytes)) return claimed !== undefined && TEXTUAL.test(claimed) ? claimed : 'text/plain'
  return claimed !== undefined && !RECOGNISABLE.has(claimed) && !TEXTUAL.test(claimed) ? claimed : ANY
}

function claimedType({ mimeType, filename }: { mimeType?: string | undefined; filename?: string | undefined }): string | undefined {
  const plain = mimeType?.split(';')[0]?.trim().toLowerCase() ?? ''
  const known = Object.hasOwn(SAME, plain) ? SAME[plain] : plain
  if (known !== undefined && known !== ANY && SHAPE.test(known)) return known
  const ending = /\.([a-z0-9]{1,8})$/i.exec(filename ?? '')?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(BY_ENDING, ending) ? BY_ENDING[ending] : undefined
}

const LOOK_AT = 65_536
// biome-ignore lint/suspicious/noControlCharactersInRegex: text has none of these
const CONTROL = /[\0-\x08\x0e-\x1a\x1c-\x1f]/

function isText(bytes: Buffer): boolean {
  try {
    const head = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, LOOK_AT), { stream: true })
    return !CONTROL.test(head)
  } catch {
    return false
  }
}
