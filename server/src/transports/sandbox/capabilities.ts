import type { Capabilities } from '#core/transport'

export type Persona = 'own_number' | 'cloud'

/** What a sandbox channel plays; an own number unless it says otherwise. */
export const personaOf = ({ persona }: Readonly<Record<string, unknown>>): Persona => (persona === 'cloud' ? 'cloud' : 'own_number')

/** As a phone of one's own would carry it: no window, no templates, polls. */
export const OWN_NUMBER: Capabilities = {
  content: ['text', 'image', 'video', 'audio', 'voice', 'document', 'sticker', 'location', 'contacts', 'poll', 'reaction'],
  templates: false,
  groups: true,
  newsletters: true,
  presence: true,
  window: false,
  pair: undefined,
  choosesWireId: true,
  markRead: true,
  session: { returnsAfterSeconds: 3 },
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
