import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { type Dispatcher, Pool } from 'undici'
import type { AddressRules } from './address-rules.ts'
import { HttpClientError } from './http-error.ts'

export type ResolvedAddress = { address: string; family: number }
/** All addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>

export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true })

/** Connections to one scheme, host and port. */
export type Origin = { readonly pool: Dispatcher; waiting: number }

export type OriginBounds = { origins: number; connectionsPerOrigin: number; waitingPerOrigin: number }

/** The connections of the guarded client: every one leads to an address that was checked when it was opened. */
export interface Origins {
  /** Throws when the host is an address that may not be called, or too much is under way. */
  enter(url: URL): Origin
  leave(origin: Origin): void
  close(): Promise<void>
}

const CONNECT_MOST_MS = 10_000
const ADDRESSES_LIVE_MS = 5_000

export function openOrigins(rules: AddressRules, resolve: Resolve, bounds: OriginBounds): Origins {
  const origins = new Map<string, Origin>() // least recently used first
  const open = (url: URL): Origin => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) && !rules.mayCall(host, url.protocol)) throw refusedAddress(host)
    if (origins.size >= bounds.origins && !dropIdle(origins)) throw new HttpClientError('busy', 'Requests to too many hosts are under way')
    const pool = new Pool(url.origin, {
      connections: bounds.connectionsPerOrigin,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0, // the exchange has one bound for all of it
      bodyTimeout: 0,
      connect: { timeout: CONNECT_MOST_MS, autoSelectFamily: true, lookup: guardedLookup(rules, resolve, url.protocol) },
    })
    return { pool, waiting: 0 }
  }
  return {
    enter(url) {
      const key = url.origin
      const origin = origins.get(key) ?? open(url)
      if (origin.waiting >= bounds.waitingPerOrigin) throw new HttpClientError('busy', `Too many requests to ${url.hostname} are under way`)
      origins.delete(key)
      origins.set(key, origin)
      origin.waiting++
      return origin
    },
    leave(origin) {
      origin.waiting--
    },
    async close() {
      await Promise.all([...origins.values()].map(({ pool }) => pool.close()))
    },
  }
}

function dropIdle(origins: Map<string, Origin>): boolean {
  for (const [key, { pool, waiting }] of origins) {
    if (waiting > 0) continue
    origins.delete(key)
    pool.close().catch(() => undefined)
    return true
  }
  return false
}

/** What the socket asks for addresses: one bad one among them refuses the host. A burst of connections asks the resolver once. */
function guardedLookup(rules: AddressRules, resolve: Resolve, protocol: string): LookupFunction {
  let known: { until: number; addresses: Promise<readonly ResolvedAddress[]> } | undefined
  const addressesOf = async (hostname: string) => {
    const addresses = await resolve(hostname)
    if (addresses.length === 0) throw new HttpClientError('dns', 'The host name has no address')
    const bad = addresses.find(({ address }) => !rules.mayCall(address, protocol))
    if (bad) throw refusedAddress(bad.address)
    return addresses
  }
  return (hostname, options, callback) => {
    if (!known || known.until < performance.now())
      known = { until: performance.now() + ADDRESSES_LIVE_MS, addresses: addressesOf(hostname) }
    known.addresses.then(
      (addresses) => (options.all ? callback(null, [...addresses]) : callback(null, addresses[0]?.address ?? '', addresses[0]?.family)),
      (error: Error) => {
        known = undefined
        callback(error, '')
      },
    )
  }
}

const refusedAddress = (address: string) => new HttpClientError('refused_address', `${address} is not open to requests from here`)
