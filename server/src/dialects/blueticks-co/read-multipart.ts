import type { FastifyRequest } from 'fastify'
import { brokenForm } from '#kit/broken-form'
import { DomainError, invalidField } from '#kit/errors'
import type { MediaSource } from './draft.wire.ts'
import { camel, foldKeys } from './dual.wire.ts'
import { toFields } from './multipart.wire.ts'

type Upload = Extract<MediaSource, { bytes: Buffer }>

declare module 'fastify' {
  interface FastifyRequest {
    /** The file part of a multipart body. */
    mediaFile: Upload | undefined
  }
}

/** A multipart body becomes what the same JSON would be, its file beside it. */
const readForm = (filePart: string) => async (request: FastifyRequest) => {
  if (!request.isMultipart()) return
  request.body = foldKeys(toFields(await readParts(request, filePart).catch(brokenForm)))
}

export const readMultipart = readForm('mediaFile')
export const readPictureForm = readForm('file')

async function readParts(request: FastifyRequest, filePart: string): Promise<[string, string][]> {
  const fields: [string, string][] = []
  for await (const part of request.parts()) {
    if (part.type === 'field') fields.push([part.fieldname, textOf(part.fieldname, part.value, part.valueTruncated)])
    else if (camel(part.fieldname) === filePart)
      request.mediaFile = { bytes: await part.toBuffer(), filename: part.filename || undefined, mimeType: part.mimetype }
    else
      throw new DomainError('invalid', `Unrecognized key: "${part.fieldname}"`, {
        issues: [{ path: part.fieldname, code: 'unrecognized_keys', message: `the file part is called ${filePart}` }],
      })
  }
  return fields
}

function textOf(name: string, value: unknown, truncated: boolean): string {
  if (truncated)
    throw new DomainError('too_large', `${name} is too long for a form field`, {
      issues: [{ path: name, code: 'too_big', message: 'too long' }],
    })
  if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) throw invalidField(name, 'must be text')
  return value
}
