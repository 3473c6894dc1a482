import { jidDecode } from 'baileys'
import { putBounded } from '../bounded-map.ts'
import { isGroup } from '../groups.ts'
import type { Network } from '../network.types.ts'
import { SERVER } from './nodes.wire.ts'
import { createSignalParty, type Identity, makeIdentity, type SignalParty } from './signal-party.ts'

/** Somebody with a number: the names WhatsApp has for them, and the identity of their phone. */
export type Person = {
  /** E.164 */
  readonly number: string
  /** '…@s.whatsapp.net' */
  readonly phoneJid: string
  /** '…@lid': the name that does not tell the number. */
  readonly lidJid: string
  readonly signal: SignalParty
  /** Another identity, and no session any more. */
  renew(): void
}

export interface People {
  of(number: string): Person
  /** The same, and whoever has come and gone since: a phone with linked devices keeps its identity. */
  keep(number: string): Person
  /** Whoever is meant by a JID of either kind, with or without a device; nobody when that number is not on WhatsApp. */
  byJid(jid: string | undefined): Person | undefined
}

const PEOPLE_MOST = 50_000
/** Making one takes milliseconds. Whoever comes later shares one with somebody: their sessions differ all the same. */
const IDENTITIES_MOST = 64
/** Numbers have at most 15 digits: under 2^50. */
const LID_MASK = 0x2_a5c3_96e1_7b4dn

/** A LID is the number behind a mask: it looks like nothing, and needs no book. */
const lidOf = (number: string): string => String(BigInt(number.replace(/\D/g, '')) ^ LID_MASK)

const numberOfLid = (lid: string): string => `+${BigInt(lid) ^ LID_MASK}`

/** E.164 of a JID of either kind; undefined for groups and anything else. */
export function numberOfJid(jid: string | undefined): string | undefined {
  const { user = '', server } = jidDecode(jid) ?? {}
  if (!/^\d{5,16}$/.test(user)) return undefined
  if (server === 'lid') return numberOfLid(user)
  return server === SERVER || server === 'c.us' ? `+${user}` : undefined
}

export const deviceOfJid = (jid: string | undefined): number => jidDecode(jid)?.device ?? 0

export function openPeople(network: Network): People {
  const people = new Map<string, Person>()
  const kept = new Map<string, Person>()
  const identities: Identity[] = []
  let taken = 0
  const takeIdentity = (): Identity => {
    const place = taken++ % IDENTITIES_MOST
    const identity = identities[place] ?? makeIdentity()
    identities[place] = identity
    return identity
  }
  const of = (number: string): Person => {
    const known = kept.get(number) ?? people.get(number)
    if (known) return known
    let signal: SignalParty | undefined
    const person: Person = {
      number,
      phoneJid: `${number.slice(1)}@${SERVER}`,
      lidJid: `${lidOf(number)}@lid`,
      get signal() {
        signal ??= createSignalParty(takeIdentity())
        return signal
      },
      renew() {
        signal = createSignalParty(makeIdentity())
      },
    }
    putBounded(people, { key: number, value: person }, PEOPLE_MOST)
    return person
  }
  return {
    of,
    keep(number) {
      const person = of(number)
      kept.set(number, person)
      return person
    },
    byJid(jid) {
      const number = isGroup(jid ?? '') ? undefined : numberOfJid(jid)
      return number !== undefined && network.isOnWhatsApp(number) ? of(number) : undefined
    },
  }
}
