import { DomainError, type Issue } from '#kit/errors'
import type { MediaKind, SaidBody } from './send-body.wire.ts'

/** What a body says, in one spelling; nothing checked for being complete. */
export type Flat = {
  type: 'text' | 'media' | 'poll' | undefined
  text: string | undefined
  mediaUrl: string | undefined
  mediaBase64: string | undefined
  mediaKind: MediaKind | undefined
  mediaFilename: string | undefined
  pollQuestion: string | undefined
  pollOptions: string[] | undefined
  pollAllowMultiple: boolean | undefined
}

/** Where the file of a message comes from. */
export type MediaSource = { url: string } | { base64: string } | { bytes: Buffer; filename: string | undefined; mimeType: string }

/** A complete wish for a content. */
export type Draft =
  | { type: 'text'; text: string }
  | { type: 'poll'; question: string; options: string[]; allowMultiple: boolean }
  | { type: 'media'; source: MediaSource; kind: MediaKind | undefined; caption: string | undefined; filename: string | undefined }

/** Nested and older fields into the flat ones. Throws `invalid` when two say different things. */
export function flatten(body: SaidBody): Flat {
  const { media, poll } = body
  const issues: Issue[] = []
  const agreed = <Value>(field: string, ...said: (Value | undefined)[]): Value | undefined => {
    const given = said.filter((value) => value !== undefined)
    if (given.some((value) => JSON.stringify(value) !== JSON.stringify(given[0])))
      issues.push({ path: field, code: 'custom', message: 'is given twice, with different values' })
    return given[0]
  }
  const flat: Flat = {
    type: body.type,
    text: agreed('text', body.text, body.mediaCaption, media?.caption),
    mediaUrl: agreed('mediaUrl', body.mediaUrl, media?.url),
    mediaBase64: agreed('mediaBase64', body.mediaBase64, media?.base64),
    mediaKind: agreed('mediaKind', body.mediaKind, media?.kind),
    mediaFilename: agreed('mediaFilename', body.mediaFilename, media?.filename),
    pollQuestion: agreed('pollQuestion', body.pollQuestion, poll?.question),
    pollOptions: agreed('pollOptions', body.pollOptions, poll?.options),
    pollAllowMultiple: agreed('pollAllowMultiple', body.pollAllowMultiple, poll?.allowMultiple),
  }
  if (issues.length > 0) throw refusal(issues)
  return flat
}

const MEDIA_FIELDS = ['mediaUrl', 'mediaBase64', 'mediaKind', 'mediaFilename'] as const
const POLL_FIELDS = ['pollQuestion', 'pollOptions', 'pollAllowMultiple'] as const

const FOREIGN = {
  text: [...MEDIA_FIELDS, ...POLL_FIELDS],
  media: POLL_FIELDS,
  poll: ['text', ...MEDIA_FIELDS],
} as const satisfies Record<Draft['type'], readonly (keyof Flat)[]>

/** Throws `invalid` with every field that is missing or belongs to another type. */
export function toDraft(flat: Flat, upload?: MediaSource): Draft {
  const type = flat.type ?? inferType(flat, upload)
  const issues: Issue[] = FOREIGN[type]
    .filter((field) => flat[field] !== undefined)
    .map((field) => ({ path: field, code: 'custom', message: `does not belong to a message of type ${type}` }))
  if (upload && type !== 'media')
    issues.push({ path: 'mediaFile', code: 'custom', message: `does not belong to a message of type ${type}` })
  const draft = complete(type, flat, upload, issues)
  if (!draft || issues.length > 0) throw refusal(issues)
  return draft
}

function complete(type: Draft['type'], flat: Flat, upload: MediaSource | undefined, issues: Issue[]): Draft | undefined {
  const missing = (path: string, message = 'is required') => void issues.push({ path, code: 'invalid_type', message })
  if (type === 'text') return flat.text === undefined ? missing('text') : { type, text: flat.text }
  if (type === 'poll') {
    const { pollQuestion: question, pollOptions: options, pollAllowMultiple: allowMultiple = false } = flat
    if (question === undefined) missing('pollQuestion')
    if (options === undefined) missing('pollOptions')
    return question === undefined || options === undefined ? undefined : { type, question, options, allowMultiple }
  }
  const source = sourceOf(flat) ?? upload
  if (!source) return missing('mediaUrl', 'either mediaUrl or mediaBase64 is required')
  return { type, source, kind: flat.mediaKind, caption: flat.text, filename: flat.mediaFilename }
}

/** An address wins over bytes. */
export function sourceOf({ mediaUrl, mediaBase64 }: Flat): MediaSource | undefined {
  if (mediaUrl !== undefined) return { url: mediaUrl }
  return mediaBase64 === undefined ? undefined : { base64: mediaBase64 }
}

function inferType(flat: Flat, upload: MediaSource | undefined): Draft['type'] {
  if (upload || MEDIA_FIELDS.some((field) => flat[field] !== undefined)) return 'media'
  return POLL_FIELDS.some((field) => flat[field] !== undefined) ? 'poll' : 'text'
}

function refusal(issues: readonly Issue[]): DomainError {
  const [first] = issues
  return new DomainError('invalid', first ? `${first.path} ${first.message}` : 'The request is not valid', { issues })
}
