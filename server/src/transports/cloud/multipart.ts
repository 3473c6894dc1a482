import { randomToken } from '#kit/crypto'

export type FilePart = { bytes: Buffer; mimeType: string; filename: string }

/** A form of texts and one file called `file`, as multipart/form-data. */
export function multipart(fields: Readonly<Record<string, string>>, file: FilePart): { body: Buffer; contentType: string } {
  const boundary = `chasqui${randomToken(32)}`
  const texts = Object.entries(fields).map(([name, value]) => `${head(boundary, name)}\r\n\r\n${value}\r\n`)
  const opening = `${head(boundary, 'file')}; filename="${quoted(file.filename)}"\r\nContent-Type: ${file.mimeType}\r\n\r\n`
  const body = Buffer.concat([Buffer.from(texts.join('') + opening, 'utf8'), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
  return { body, contentType: `multipart/form-data; boundary=${boundary}` }
}

const head = (boundary: string, name: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`

/** As browsers escape a name; a line break would end the header. */
const quoted = (name: string) => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
