import type { Media } from '#core/media'
import type { Message } from '#core/messages'

/** What messages are shown with: senders, files, names and the messages they answer. */
export type Around = {
  /** Channel -> E.164. */
  phones: ReadonlyMap<string, string>
  files: ReadonlyMap<string, Media>
  /** Contact -> name. */
  names: ReadonlyMap<string, string>
  quoted: ReadonlyMap<string, Message>
  /** Where files are fetched, without a slash at the end. */
  publicUrl: string
}

export const mediaIdIn = ({ content }: Message): string | undefined => ('mediaId' in content ? content.mediaId : undefined)
