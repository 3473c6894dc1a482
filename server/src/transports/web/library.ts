import type * as Library from 'baileys'
import { DomainError, reasonIn } from '#kit/errors'

/** The library of own numbers: loaded with the first channel that needs it, since it is optional and large. */
export type Baileys = typeof Library
export type Socket = ReturnType<Baileys['makeWASocket']>

let loaded: Promise<Baileys> | undefined

/** Throws `unavailable` when it is not installed, or cannot be read. */
export function loadBaileys(): Promise<Baileys> {
  loaded ??= import('baileys').catch((error: unknown) => {
    loaded = undefined
    throw new DomainError('unavailable', `The library of own numbers cannot be loaded: ${reasonIn(error)}`)
  })
  return loaded
}
