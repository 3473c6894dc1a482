import { isNetwork } from '#kit/address-rules'
import type { LogLevel } from '#kit/log'

/** All that an operator can set; each field's variable stands beside it in readConfig. */
export type Config = {
  dataDir: string
  host: string
  port: number
  databaseUrl: string | undefined
  /** The same database past a pooler: for LISTEN, locks and migrations. */
  databaseDirectUrl: string | undefined
  /** Seals credentials at rest; undefined: one is made in the data folder. */
  secret: string | undefined
  /** Networks that users' URLs may reach although they are not public. */
  allowNetworks: readonly string[]
  /** Whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  /** Without a slash at the end. */
  graphUrl: string
  graphVersion: string
  /** Where own numbers connect to. */
  webSocketUrl: string
  /** Where the world reaches us, without a slash at the end; undefined: where we listen. */
  publicUrl: string | undefined
  /** Host name -> the dialect that it serves alone. */
  hosts: ReadonlyMap<string, string>
  logLevel: LogLevel
  logFile: string | undefined
  metricsToken: string | undefined
  roles: readonly Role[]
  reconcileSeconds: number
  reconcileMostSeconds: number
}

export type Role = (typeof ROLES)[number]

type Environment = Readonly<Record<string, string | undefined>>

const ROLES = ['api', 'engine', 'web-channels'] as const
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LogLevel[]
const SECRET_LEAST_LETTERS = 32
const DAY_SECONDS = 86_400

/** Where the data lies; known before the rest is read. */
export const dataDirOf = (env: Environment): string => env.CHASQUI_DATA_DIR?.trim() || './data'

/** Reads the environment; an empty variable counts as absent. Throws one Error with a line for each variable that is wrong. */
export function readConfig(env: Environment): Config {
  const wrong: string[] = []
  const read = <Value, Absent>(name: string, absent: Absent, parse: (text: string) => Value): Value | Absent => {
    const text = env[name]?.trim()
    if (!text) return absent
    try {
      return parse(text)
    } catch (error) {
      wrong.push(`${name}: ${(error as Error).message}`) // every parser here throws an Error
      return absent
    }
  }
  const config: Config = {
    dataDir: dataDirOf(env),
    host: read('CHASQUI_HOST', '127.0.0.1', asIs),
    port: read('CHASQUI_PORT', 3000, whole(0, 65_535)),
    databaseUrl: read('DATABASE_URL', undefined, postgresUrl),
    databaseDirectUrl: read('DATABASE_DIRECT_URL', undefined, directUrl),
    secret: read('CHASQUI_SECRET', undefined, secret),
    allowNetworks: read('CHASQUI_ALLOW_NETWORKS', [], list(network)),
    trustedProxies: read('CHASQUI_TRUSTED_PROXIES', [], list(proxy)),
    graphUrl: read('CHASQUI_GRAPH_URL', 'https://graph.facebook.com', webUrl),
    graphVersion: read('CHASQUI_GRAPH_VERSION', 'v23.0', graphVersion),
    webSocketUrl: read('CHASQUI_WEB_SOCKET_URL', 'wss://web.whatsapp.com/ws/chat', webSocketUrl),
    publicUrl: read('CHASQUI_PUBLIC_URL', undefined, webUrl),
    hosts: read('CHASQUI_HOSTS', new Map(), hosts),
    logLevel: read('CHASQUI_LOG_LEVEL', 'info', oneOf(LEVELS)),
    logFile: read('CHASQUI_LOG_FILE', undefined, asIs),
    metricsToken: read('CHASQUI_METRICS_TOKEN', undefined, asIs),
    roles: read('CHASQUI_ROLES', ROLES, list(oneOf(ROLES))),
    reconcileSeconds: read('CHASQUI_RECONCILE_SECONDS', 120, whole(1, DAY_SECONDS)),
    reconcileMostSeconds: read('CHASQUI_RECONCILE_MOST_SECONDS', 600, whole(1, DAY_SECONDS)),
  }
  // what was wrong by itself is not told a second time
  const told = (name: string) => wrong.some((line) => line.startsWith(`${name}:`))
  wrong.push(
    ...conflicts(config)
      .filter(([name]) => !told(name))
      .map(([name, why]) => `${name}: ${why}`),
  )
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  return config
}

/** What is wrong only together. */
function conflicts(config: Config): [name: string, why: string][] {
  const found: [string, string][] = []
  if (config.databaseUrl && !config.secret) {
    found.push([
      'CHASQUI_SECRET',
      `is required with DATABASE_URL, the same on every node: at least ${SECRET_LEAST_LETTERS} random letters (openssl rand -base64 32)`,
    ])
  }
  if (config.databaseDirectUrl && !config.databaseUrl) found.push(['DATABASE_URL', 'is required with DATABASE_DIRECT_URL'])
  if (config.databaseUrl && isPooled(config.databaseUrl) && !config.databaseDirectUrl) {
    found.push([
      'DATABASE_DIRECT_URL',
      'is required because DATABASE_URL leads to a pooler, which carries neither LISTEN nor locks: the URL of the database itself',
    ])
  }
  if (config.roles.includes('web-channels') && !config.roles.includes('engine'))
    found.push(['CHASQUI_ROLES', 'web-channels goes with engine: an own number is sent from by the process that holds it'])
  if (config.reconcileMostSeconds < config.reconcileSeconds) {
    found.push(['CHASQUI_RECONCILE_MOST_SECONDS', `must be at least CHASQUI_RECONCILE_SECONDS (${config.reconcileSeconds})`])
  }
  return found
}

const asIs = (text: string): string => text

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new Error(`must be a whole number from ${least} to ${most}, not "${text}"`)
    return value
  }

const oneOf =
  <Value extends string>(values: readonly Value[]) =>
  (text: string): Value => {
    const found = values.find((value) => value === text)
    if (found === undefined) throw new Error(`must be one of ${values.join(', ')}, not "${text}"`)
    return found
  }

const list =
  <Value>(parse: (text: string) => Value) =>
  (text: string): Value[] =>
    text.split(',').map((entry) => parse(entry.trim()))

function network(text: string): string {
  if (!isNetwork(text)) throw new Error(`must be networks like 10.0.0.0/8,fd00::/8, not "${text}"`)
  return text
}

const NAMED_PROXIES = ['loopback', 'linklocal', 'uniquelocal']
const proxy = (text: string): string => (NAMED_PROXIES.includes(text) ? text : network(text))

function secret(text: string): string {
  if (text.length < SECRET_LEAST_LETTERS) throw new Error(`must have at least ${SECRET_LEAST_LETTERS} letters (openssl rand -base64 32)`)
  return text
}

/** Its words never repeat the URL: there is a password in it. */
function postgresUrl(text: string): string {
  const protocol = URL.parse(text)?.protocol
  if (protocol !== 'postgres:' && protocol !== 'postgresql:')
    throw new Error('must be a URL like postgres://user:password@host:5432/database')
  return text
}

function directUrl(text: string): string {
  if (isPooled(postgresUrl(text))) throw new Error('leads to a pooler itself: it must be the URL of the database')
  return text
}

function isPooled(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && (url.port === '6543' || url.hostname.includes('pooler') || url.searchParams.get('pgbouncer') === 'true')
}

function webUrl(text: string): string {
  const url = URL.parse(text)
  const plain = url && (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password && !url.search && !url.hash
  if (!plain) throw new Error('must be a URL like https://messages.example.com, without credentials and query')
  return url.href.replace(/\/+$/, '')
}

const WHATSAPP_HOST = 'web.whatsapp.com'
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/** The only check of the server is its certificate, and whoever stands there sees every message: it is WhatsApp, or a simulated one here. */
function webSocketUrl(text: string): string {
  const url = URL.parse(text)
  const isHere = (url?.protocol === 'ws:' || url?.protocol === 'wss:') && LOOPBACK.includes(url.hostname)
  if (!url || !(isWhatsApp(url) || isHere) || url.username || url.password)
    throw new Error(`must lead to wss://${WHATSAPP_HOST}, or to a simulated server on this machine`)
  return url.href
}

export const isWhatsApp = ({ protocol, host }: Pick<URL, 'protocol' | 'host'>): boolean => protocol === 'wss:' && host === WHATSAPP_HOST

function graphVersion(text: string): string {
  if (!/^v\d{1,3}\.\d{1,2}$/.test(text)) throw new Error(`must look like v23.0, not "${text}"`)
  return text
}

function hosts(text: string): Map<string, string> {
  const pairs = list((entry) => /^([a-z0-9.-]+)=([a-z0-9-]+)$/.exec(entry.toLowerCase()) ?? undefined)(text)
  const entries = pairs.flatMap((pair) => (pair?.[1] && pair[2] ? [[pair[1], pair[2]] as const] : []))
  if (entries.length < pairs.length)
    throw new Error(`must look like api.example.com=canonical,blue.example.com=blueticks-co, not "${text}"`)
  return new Map(entries)
}
