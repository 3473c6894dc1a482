import { type ChannelSettings, pacingOf } from '#core/channels'
import type { Capabilities } from '#core/transport'

/** What a linked phone carries, at the pace that was wished for this one. */
export function webCapabilities({ settings }: { settings: Pick<ChannelSettings, 'pacing'> }): Capabilities {
  const { personSeconds } = pacingOf(settings)
  return { ...WEB_CAPABILITIES, pair: personSeconds > 0 ? { everySeconds: personSeconds, burst: 1 } : undefined }
}

export const WEB_CAPABILITIES: Omit<Capabilities, 'pair'> = {
  content: ['text', 'image', 'video', 'audio', 'voice', 'document', 'sticker', 'location', 'contacts', 'poll', 'reaction'],
  templates: false,
  groups: true,
  newsletters: true,
  presence: true,
  window: false,
  atOnce: 64, // a session encrypts one after the other: what waits longer than its claim lasts was claimed for nothing
  choosesWireId: true,
  markRead: true,
  session: { returnsAfterSeconds: undefined },
  lookups: true,
  linkPreviews: true,
  pins: true,
  edits: true,
  revokes: true,
  captionMost: 1024,
  nativeMedia: {
    image: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
    video: ['video/mp4', 'video/3gpp'],
    audio: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg', 'audio/opus'],
    voice: ['audio/ogg', 'audio/opus'],
    sticker: ['image/webp'],
  },
}
