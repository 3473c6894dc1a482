import type { Capabilities } from '#core/transport'

/** What Meta's Cloud API can carry. */
export const CLOUD_CAPABILITIES: Capabilities = {
  content: [
    'text',
    'image',
    'video',
    'audio',
    'voice',
    'document',
    'sticker',
    'location',
    'contacts',
    'reaction',
    'interactive',
    'template',
  ],
  templates: true,
  groups: false, // the wire can address one; core knows no name for Meta's groups yet
  newsletters: false,
  presence: false,
  window: true,
  pair: { everySeconds: 7, burst: 45 }, // Meta counts 6 s between arrivals: one that is up to 1 s quicker on its way than the one before does not come too early
  choosesWireId: false,
  markRead: true,
  session: undefined,
  lookups: false,
  linkPreviews: false,
  pins: false,
  edits: false,
  revokes: false,
  captionMost: 1024,
  nativeMedia: {
    image: ['image/jpeg', 'image/png'],
    video: ['video/mp4', 'video/3gpp'],
    audio: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg', 'audio/opus'],
    voice: ['audio/ogg', 'audio/opus'],
    sticker: ['image/webp'],
  },
}
