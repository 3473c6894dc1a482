import type { Capabilities } from '#core/transport'

/** What a linked phone carries. */
export const WEB_CAPABILITIES: Capabilities = {
  content: ['text', 'image', 'video', 'audio', 'voice', 'document', 'sticker', 'location', 'contacts', 'poll', 'reaction'],
  templates: false,
  groups: true,
  newsletters: true,
  presence: true,
  window: false,
  pair: { everySeconds: 6, burst: 1 },
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
