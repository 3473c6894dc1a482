import type { Capabilities } from '#core/transport'

export type Persona = 'own_number' | 'cloud'

/** What a sandbox channel plays; an own number unless it says otherwise. */
export const personaOf = ({ persona }: Readonly<Record<string, unknown>>): Persona => (persona === 'cloud' ? 'cloud' : 'own_number')

/** As a phone of one's own carries it, without its haste rules; a session that was ended is back by itself. */
export function played({ atOnce: _, ...ownNumber }: Capabilities): Capabilities {
  return { ...ownNumber, pair: undefined, session: { returnsAfterSeconds: 3 } }
}
