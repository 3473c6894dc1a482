import { type Content, MEDIA_TYPES, mediaIdOf } from '#core/content'
import type { Media } from '#core/media'
import { DomainError, noSuch } from '#kit/errors'
import type { Message } from './message.ts'

type Said = { content: Content; replyTo?: string | undefined }

/** The message that is answered, or reacted to. */
export const targetIdOf = ({ content, replyTo }: Said): string | undefined => (content.type === 'reaction' ? content.messageId : replyTo)

/** Throws `not_found` for a message that is none of this channel's. */
export function targetOf(said: Said, known: ReadonlyMap<string, Message>, channelId: string): Message | undefined {
  const id = targetIdOf(said)
  if (id === undefined) return undefined
  const target = known.get(id)
  if (target?.channelId !== channelId) throw noSuch(said.content.type === 'reaction' ? 'content.messageId' : 'replyTo', 'message')
  return target
}

const MEGABYTE = 1_048_576
const SIZE_MOST: Record<string, number> = {
  image: 5 * MEGABYTE,
  video: 16 * MEGABYTE,
  audio: 16 * MEGABYTE,
  voice: 16 * MEGABYTE,
  document: 100 * MEGABYTE,
  sticker: 500_000,
}

/** Throws `not_found` for a file that is not there, `too_large` for one over the bound of its kind. */
export function checkFile(content: Content, known: ReadonlyMap<string, Media>): void {
  const id = mediaIdOf(content)
  if (id === undefined) return
  const file = known.get(id)
  if (!file) throw noSuch('content.mediaId', 'file')
  const most = MEDIA_TYPES.some((type) => type === content.type) ? (SIZE_MOST[content.type] ?? 0) : 5 * MEGABYTE
  if (file.size > most)
    throw new DomainError('too_large', `A file of this kind may have ${Math.floor(most / 1000)} kB at most`, {
      issues: [{ path: 'content.mediaId', code: 'too_big', message: `${file.size} bytes` }],
    })
}
