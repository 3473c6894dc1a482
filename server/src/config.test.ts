import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const SECRET = 'x'.repeat(32)
const DATABASE = { DATABASE_URL: 'postgres://me:hush@db.example/chasqui', CHASQUI_SECRET: SECRET }

function wordsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

test('an empty environment is the platform on this machine', () => {
  expect(readConfig({ CHASQUI_PORT: '', CHASQUI_SECRET: ' ' })).toEqual({
    dataDir: './data',
    host: '127.0.0.1',
    port: 3000,
    databaseUrl: undefined,
    databaseDirectUrl: undefined,
    secret: undefined,
    allowNetworks: [],
    trustedProxies: [],
    graphUrl: 'https://graph.facebook.com',
    graphVersion: 'v23.0',
    webSocketUrl: 'wss://web.whatsapp.com/ws/chat',
    publicUrl: undefined,
    hosts: new Map(),
    logLevel: 'info',
    logFile: undefined,
    metricsToken: undefined,
    roles: ['api', 'engine', 'web-channels'],
    reconcileSeconds: 120,
    reconcileMostSeconds: 600,
  })
})

test('reads every variable', () => {
  const config = readConfig({
    ...DATABASE,
    DATABASE_DIRECT_URL: 'postgresql://direct.example:5432/chasqui',
    CHASQUI_DATA_DIR: '/srv/chasqui',
    CHASQUI_HOST: '0.0.0.0',
    CHASQUI_PORT: '0',
    CHASQUI_ALLOW_NETWORKS: '127.0.0.0/8, fd00::/8,10.1.2.3',
    CHASQUI_TRUSTED_PROXIES: 'loopback,10.0.0.0/8',
    CHASQUI_GRAPH_URL: 'http://127.0.0.1:4000/',
    CHASQUI_GRAPH_VERSION: 'v24.0',
    CHASQUI_PUBLIC_URL: 'https://messages.example.com/',
    CHASQUI_HOSTS: 'API.theirs.example=blueticks-co,b.example=canonical',
    CHASQUI_LOG_LEVEL: 'warn',
    CHASQUI_LOG_FILE: '/var/log/chasqui',
    CHASQUI_METRICS_TOKEN: 'token',
    CHASQUI_ROLES: 'engine',
    CHASQUI_RECONCILE_SECONDS: '3',
    CHASQUI_RECONCILE_MOST_SECONDS: '3',
  })
  expect(config).toEqual({
    dataDir: '/srv/chasqui',
    host: '0.0.0.0',
    port: 0,
    databaseUrl: DATABASE.DATABASE_URL,
    databaseDirectUrl: 'postgresql://direct.example:5432/chasqui',
    secret: SECRET,
    allowNetworks: ['127.0.0.0/8', 'fd00::/8', '10.1.2.3'],
    trustedProxies: ['loopback', '10.0.0.0/8'],
    graphUrl: 'http://127.0.0.1:4000',
    graphVersion: 'v24.0',
    webSocketUrl: 'wss://web.whatsapp.com/ws/chat',
    publicUrl: 'https://messages.example.com',
    hosts: new Map([
      ['api.theirs.example', 'blueticks-co'],
      ['b.example', 'canonical'],
    ]),
    logLevel: 'warn',
    logFile: '/var/log/chasqui',
    metricsToken: 'token',
    roles: ['engine'],
    reconcileSeconds: 3,
    reconcileMostSeconds: 3,
  })
})

test.each([
  ['CHASQUI_PORT', '70000'],
  ['CHASQUI_PORT', '3e3'],
  ['CHASQUI_PORT', '-1'],
  ['DATABASE_URL', 'mysql://me:hush@db.example/chasqui'],
  ['DATABASE_URL', 'me:hush@nothing'],
  ['CHASQUI_SECRET', 'hush'],
  ['CHASQUI_ALLOW_NETWORKS', '10.0.0.0/33'],
  ['CHASQUI_ALLOW_NETWORKS', '10.0.0.0/8,,'],
  ['CHASQUI_TRUSTED_PROXIES', 'true'],
  ['CHASQUI_GRAPH_URL', 'graph.facebook.com'],
  ['CHASQUI_GRAPH_URL', 'ftp://graph.facebook.com'],
  ['CHASQUI_GRAPH_VERSION', '23'],
  ['CHASQUI_WEB_SOCKET_URL', 'wss://whatsapp.example/ws/chat'],
  ['CHASQUI_WEB_SOCKET_URL', 'ws://web.whatsapp.com/ws/chat'],
  ['CHASQUI_WEB_SOCKET_URL', 'ws://10.0.0.5:4010/ws/chat'],
  ['CHASQUI_PUBLIC_URL', 'https://me:hush@example.com'],
  ['CHASQUI_HOSTS', 'api.example.com'],
  ['CHASQUI_HOSTS', 'api.example.com=canonical,=x'],
  ['CHASQUI_LOG_LEVEL', 'loud'],
  ['CHASQUI_ROLES', 'api,web'],
  ['CHASQUI_RECONCILE_SECONDS', '0'],
  ['CHASQUI_RECONCILE_MOST_SECONDS', '60'],
])('%s=%s is refused in one line that gives no secret away', (name, value) => {
  const lines = wordsOf({ [name]: value })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(new RegExp(`^${name}: `))
  expect(lines[0]).not.toContain('hush')
})

test('says all at once, a line for each variable', () => {
  expect(
    wordsOf({ CHASQUI_PORT: 'x', CHASQUI_ROLES: 'y', DATABASE_URL: DATABASE.DATABASE_URL, CHASQUI_SECRET: 'short' }).map(
      (line) => line.split(':')[0],
    ),
  ).toEqual(['CHASQUI_PORT', 'CHASQUI_SECRET', 'CHASQUI_ROLES'])
})

test('a database of the operator needs a secret of the operator', () => {
  expect(wordsOf({ DATABASE_URL: DATABASE.DATABASE_URL })).toEqual([
    expect.stringMatching(/^CHASQUI_SECRET: is required with DATABASE_URL/),
  ])
  expect(wordsOf(DATABASE)).toEqual([])
})

test.each(['postgres://db.example:6543/a', 'postgres://db.example/a?pgbouncer=true', 'postgres://aws-0-pooler.example/a'])(
  '%s is a pooler and needs the direct way too',
  (url) => {
    const DATABASE_DIRECT_URL = 'postgres://db.example:5432/a'
    expect(wordsOf({ ...DATABASE, DATABASE_URL: url })).toEqual([expect.stringMatching(/^DATABASE_DIRECT_URL: is required/)])
    expect(wordsOf({ ...DATABASE, DATABASE_URL: url, DATABASE_DIRECT_URL })).toEqual([])
    expect(wordsOf({ ...DATABASE, DATABASE_DIRECT_URL: url })).toEqual([expect.stringMatching(/^DATABASE_DIRECT_URL: leads to a pooler/)])
    expect(wordsOf({ DATABASE_DIRECT_URL })).toEqual([expect.stringMatching(/^DATABASE_URL: is required/)])
  },
)
