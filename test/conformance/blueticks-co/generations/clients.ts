import { z } from 'zod'
import { camel, type Reader, respell, snake } from './fields.ts'
import type { Family } from './models.ts'

/** A request before a client spells it: names in camelCase, the path in pieces. */
export type Wish = {
  verb: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  path: readonly string[]
  query?: Readonly<Record<string, string | number | boolean>>
  body?: object
  idempotencyKey?: string
}

/** A client that is out there, by what it sends and what it can read. */
export type Client = Reader & {
  name: string
  family: Family
  agent: string
  /** A piece of a path. */
  encode(piece: string): string
  spellQuery(name: string): string
  /** A boolean of a query. */
  flag(value: boolean): string
}

const same = (name: string): string => name
const words = (value: boolean): string => String(value)

const NODE: Client = {
  name: 'Node 3.4.2',
  family: 'first',
  agent: 'blueticks-node/1.1.0',
  encode: encodeURIComponent,
  spell: snake,
  spellQuery: same,
  flag: words,
  nullMayBeAbsent: false,
  time: z.iso.datetime({ offset: true }),
}
const PYTHON: Client = {
  name: 'Python 3.3.2',
  family: 'first',
  agent: 'blueticks-python/3.3.2',
  encode: same,
  spell: snake,
  spellQuery: snake,
  flag: words,
  nullMayBeAbsent: true,
  time: z.string(),
}
const PHP: Client = {
  name: 'PHP 5.1.0',
  family: 'camel',
  agent: 'blueticks-php/5.1.0',
  encode: encodeURIComponent,
  spell: same,
  spellQuery: same,
  flag: (value) => (value ? '1' : '0'), // as http_build_query has it
  nullMayBeAbsent: false,
  time: z.string(),
}
export const CLIENTS = [NODE, PYTHON, PHP]

/** The request as it goes over the wire. */
export function requestOf(client: Client, { verb, path, query = {}, body, idempotencyKey }: Wish, key: string) {
  const asked = Object.entries(query).map(([name, value]): [string, string] => [
    client.spellQuery(name),
    typeof value === 'boolean' ? client.flag(value) : String(value),
  ])
  const search = asked.length > 0 ? `?${new URLSearchParams(asked)}` : ''
  return {
    path: `/v1/${path.map(client.encode).join('/')}${search}`,
    method: verb,
    headers: {
      authorization: `Bearer ${key}`,
      'user-agent': client.agent,
      accept: 'application/json',
      ...(body && { 'content-type': 'application/json' }),
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    },
    ...(body && { body: JSON.stringify(respell(body, client.spell)) }),
  }
}

export type Read = { [name: string]: unknown }

/** What the client makes of a body, names in camelCase again. Throws where the client would. */
export const readAs = (client: Client, field: (reader: Reader) => z.ZodType, body: unknown): Read =>
  respell(field(client).parse(body), camel) as Read // every model is one of an object
