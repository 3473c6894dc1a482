import { type Asked, Raw } from './asked.ts'
import { nameOf } from './document.ts'
import type { Wire } from './exchange.ts'
import { spoilt } from './spoil.ts'
import { Later, type Pair, type Place, Thing, type Things } from './things.ts'
import { wantedStates } from './weights.ts'

/** `place`: what its answer belongs to. */
export type Filled = Wire & { place: Place }

const PARTS = '----parts'

/** Puts in what the workspace owns by now. */
export function fill(asked: Asked, things: Things, key: string | undefined): Filled {
  const { operation, workspace } = asked
  const wish = { spare: operation.method === 'DELETE', states: asked.variant % 4 > 0 ? wantedStates(nameOf(operation)) : [] }
  const joint = jointOf(asked, things)
  const put = (value: unknown): unknown => {
    if (value instanceof Thing) return value === joint?.thing ? joint.part : things.pick(value, workspace, wish)
    if (value instanceof Later) return value.from(new Date())
    if (Array.isArray(value)) return value.map(put)
    if (typeof value !== 'object' || value === null || value instanceof Raw) return value
    return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, put(own)]))
  }
  const values = asked.path.map(([name, value], i) => [name, i === 0 && joint ? joint.whole : put(value)] as const)
  const inPath = new Map(values.map(([name, value]) => [name, inUrl(value)]))
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => inPath.get(name) ?? '')
  const query = asked.query.map(([name, value]) => `${name}=${inUrl(put(value))}`).join('&')
  const url = query || asked.queryTail ? `${path}?${query}${asked.queryTail}` : path
  const { type, body } = payloadOf(asked, put(asked.spoils.reduce(spoilt, asked.body)))
  const named = asked.headers.map(([name, value]) => [name.toLowerCase(), inHeader(value)])
  const headers = { ...Object.fromEntries(named), ...credential(asked, key), ...(type !== undefined && { 'content-type': type }) }
  const texts = values.map(([, value]) => (typeof value === 'string' ? value : undefined))
  const place = { root: rootOf(operation.path), whole: texts[0], named: texts.at(-1) }
  return { method: operation.method, url: url.slice(0, 8_000), headers, body, place }
}

const rootOf = (path: string): string => path.replace(/^\/v\d|\/\{.*/g, '')

const BETTER = [['/votes', 'poll'], ['/edits', 'fromPhone'], ['/revocations', 'fromPhone']] as const // biome-ignore format: a list
const JOINT_KINDS = new Set(['wire', 'phone'])

/** A part of what the path names first, so that the two belong together; three times in four, else they seldom would. */
function jointOf({ operation, path, body, workspace, variant }: Asked, things: Things): (Pair & { thing: Thing }) | undefined {
  if (variant % 4 === 0 || path[0]?.[1] instanceof Raw) return undefined
  const inBody = Object.values(Object(body)).find((value) => value instanceof Thing && JOINT_KINDS.has(value.kind))
  const thing = path.length > 1 ? path.at(-1)?.[1] : inBody
  if (!(thing instanceof Thing) || path.length === 0) return undefined
  const better = BETTER.find(([end]) => operation.path.endsWith(end))?.[1]
  const pick = (kind: string) => things.pickPair(new Thing(kind, thing.whose, thing.nth), workspace, rootOf(operation.path))
  const pair = (better && pick(better)) ?? pick(thing.kind)
  return pair && { ...pair, thing }
}

function credential({ key }: Asked, secret: string | undefined): Record<string, string> {
  if (key === 'none' || secret === undefined) return {}
  if (key === 'unknown') return { authorization: `Bearer ${secret.slice(0, -4)}AAAA` }
  return { authorization: key === 'strange' ? `Basic \u00ff${secret} ${'x'.repeat(600)}` : `Bearer ${secret}` }
}

/** Half a surrogate pair goes as the bytes that it would have. */
function inUrl(value: unknown): string {
  if (value instanceof Raw) return value.text
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.isWellFormed() ? encodeURIComponent(text) : `${encodeURIComponent(text.toWellFormed())}%ED%A0%80`
}

/** A header has bytes only; what can be none in HTTP goes without. */
const inHeader = (value: unknown): string => String(value).replace(/[^\t\x20-\x7e\x80-\xff]/g, '')

function payloadOf({ payload, variant }: Asked, value: unknown): { type: string | undefined; body: Buffer | undefined } {
  const json = JSON.stringify(value) ?? ''
  const as = (type: string | undefined, text: string, encoding: BufferEncoding = 'utf8') => ({ type, body: Buffer.from(text, encoding) })
  switch (payload) {
    case 'none':
      return { type: undefined, body: undefined }
    case 'json':
      return value === undefined ? as('application/json', '') : as('application/json', json)
    case 'cut':
      return as('application/json', json.slice(0, Math.floor(json.length * 0.7)))
    case 'twice':
      return as('application/json', json + json)
    case 'bytes':
      return as('application/json', json.replace(/"([^"]*)"$|"([^"]*)"([,}])/, '"\xff\xfe\xc0\x80"$3'), 'latin1')
    case 'huge number':
      return as('application/json', json.replace(/:("[^"]*"|\d+)/, `:${'9'.repeat(400)}e999`))
    case 'double key':
      return as('application/json', json.replace(/^\{("[^"]*":)/, '{$1null,$1'))
    case 'latin1':
      return as('application/json; charset=latin1', json, 'latin1')
    case 'utf-16':
      return as('application/json; charset=utf-16', json, 'utf16le')
    case 'text':
      return as('text/plain', json)
    case 'xml':
      return as('application/xml', '<a/>')
    case 'csv':
      return as('text/csv', CSVS[variant % CSVS.length] ?? '')
    case 'form':
      return as('application/x-www-form-urlencoded', 'to=1&text=2')
    case 'multipart':
      return as(`multipart/form-data; boundary=${PARTS}`, FORMS[variant % FORMS.length] ?? '')
  }
}

const CSVS = ['to,name\n+14155550123,Ana\n+14155550124,"Bo"\n', 'to\n', '', 'to,to\n1,2\n', 'name\nAna\n', 'to,name\n"+1415', 'to,\0\n+14155550123,\0\n', 'to,__proto__\n+14155550125,x\n', `to,name\n+14155550126,${'x'.repeat(5_000)}\n`, '\ufeffto;name\n+14155550127;Ana\n', 'to,name\n+14155550128,\ud83d\n', ',,,\n,,,\n'] // biome-ignore format: a list

const part = (head: string, text: string): string => `--${PARTS}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${text}\r\n`
const END = `--${PARTS}--\r\n`
const FORMS = [`${part('name="file"; filename="a.txt"\r\nContent-Type: text/plain', 'hello')}${END}`, `${part('name="file"; filename="../\0\ud800.png"', '\x89PNG\r\n')}${END}`, part('name="file"; filename="a"', 'no end'), `${part('name="text"', 'x')}${END}`, `${part('name="__proto__"', 'x')}${END}`, END, '', 'no parts', `${part('name="file"; filename*=UTF-8\'\'%FF%00', 'x')}${END}`, `${part('name="file"; filename=""', '')}${END}`, part('name="a"', 'x').repeat(20) + END] // biome-ignore format: a list
