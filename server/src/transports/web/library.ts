import type * as Library from 'baileys'

/** The library of own numbers: loaded with the first channel that needs it, since it is optional and large. */
export type Baileys = typeof Library
export type Socket = ReturnType<Baileys['makeWASocket']>

let loaded: Promise<Baileys> | undefined

/** Throws when it is not installed. */
export function loadBaileys(): Promise<Baileys> {
  loaded ??= import('baileys').catch((error: unknown) => {
    loaded = undefined
    throw error
  })
  return loaded
}
