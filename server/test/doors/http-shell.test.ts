import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../database.ts'
import { ask, type Doors, openDoors, type Tenant } from './doors.ts'

let database: TestDatabase
let doors: Doors
let tenant: Tenant

beforeAll(async () => {
  database = await testDatabase()
  doors = await openDoors(database)
  tenant = await doors.tenant()
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

test('the house answers at /, with no foreign thing in the page, and says how it is', async () => {
  const home = await doors.ask({ path: '/' })
  expect(home).toMatchObject({ status: 200, text: expect.stringContaining('home') })
  expect(home.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect((await doors.ask({ path: '/healthz' })).body).toEqual({ status: 'ok' })
  expect((await doors.ask({ path: '/readyz' })).body).toEqual({ status: 'ready', checks: { database: 'ok' } })
})

test('metrics are for this machine, or for whoever has the token', async () => {
  await doors.ask({ path: '/v2/messages/msg_x?api_key=hidden', key: tenant.key })
  const metrics = await doors.ask({ path: '/metrics' })
  expect(metrics.status).toBe(200)
  expect(metrics.text).toMatch(/chasqui_request_seconds_count\{method="GET",route="\/v2\/messages\/:id",status="404"\} \d/)
  expect((await doors.ask({ path: '/metrics', headers: { 'x-forwarded-for': '9.9.9.9' } })).status).toBe(403)
  const guarded = await openDoors(database, { settings: { metricsToken: 'sesame' } })
  expect((await guarded.ask({ path: '/metrics' })).status).toBe(403)
  expect((await guarded.ask({ path: '/metrics', key: 'sesam' })).status).toBe(403)
  expect((await guarded.ask({ path: '/metrics', key: 'sesame', headers: { 'x-forwarded-for': '9.9.9.9' } })).status).toBe(200)
  await guarded.close()
})

test('the reference is served by ourselves', async () => {
  const moved = await doors.ask({ path: '/docs' })
  expect({ status: moved.status, to: moved.headers.get('location') }).toEqual({ status: 302, to: '/docs/canonical' })
  const page = await doors.ask({ path: '/docs/canonical' })
  expect(page.text).not.toMatch(/https?:\/\//)
  expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self'/)
  const script = await doors.ask({ path: '/docs/reference.js' }) // fetch unpacks it
  expect(script.headers.get('content-type')).toMatch(/javascript/)
  expect(script.text.length).toBeGreaterThan(1_000_000)
  expect(script.text).toContain('createApiReference')
  expect((await doors.ask({ path: '/docs/nobody' })).status).toBe(404)
})

test('the OpenAPI document says what the routes take', async () => {
  const { body } = await doors.ask({ path: '/docs/canonical/openapi.json' })
  const document = body as {
    openapi: string
    paths: Record<
      string,
      Record<
        string,
        { summary?: string; operationId?: string; requestBody?: { content: Record<string, { schema: object; example?: unknown }> } }
      >
    >
  }
  expect(document.openapi).toBe('3.1.0')
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  )
  expect(operations.length).toBeGreaterThan(45)
  expect(operations.filter(({ operation }) => !operation.summary)).toEqual([])
  const names = operations.map(({ operation }) => operation.operationId)
  expect(names.filter((name, at) => name === undefined || names.indexOf(name) !== at)).toEqual([]) // a verb's second route has a name of its own
  expect(document.paths['/v2/messages']?.post?.operationId).toBe('messages.send')
  const content = document.paths['/v2/messages']?.post?.requestBody?.content['application/json']
  expect(content?.example).toEqual({ to: '+14155550123', text: 'Hello from Chasqui' })
  const send = content?.schema as {
    properties: Record<string, { examples?: string[]; oneOf?: { properties: { type: { enum: string[] } } }[] }>
  }
  expect(send.properties.sendAt?.examples).toEqual(['2031-05-04T09:30:00Z']) // also of what is read into something else
  const kinds = send.properties.content?.oneOf?.map(({ properties }) => properties.type.enum[0])
  expect(kinds).toEqual([
    'text',
    'image',
    'video',
    'audio',
    'voice',
    'document',
    'sticker',
    'location',
    'contacts',
    'poll',
    'reaction',
    'interactive',
    'template',
  ])
  expect(JSON.stringify(send)).not.toContain('mediaId')
  expect(JSON.stringify(document)).toContain('"Idempotency-Key"')
  const short = await doors.ask({ path: '/v2/openapi.json' })
  expect(short.headers.get('location')).toBe('/docs/canonical/openapi.json')
})

test('every route of every door is told as a reader wants it: a title, words, a section, an example of its body', async () => {
  type Body = { content: Record<string, { schema: { examples?: unknown[] }; example?: unknown; examples?: object }> }
  type Told = {
    summary?: string
    description?: string
    tags?: string[]
    requestBody?: Body
    responses: Record<string, { description: string }>
  }
  for (const door of ['canonical', 'blueticks-co']) {
    const { body } = await doors.ask({ path: `/docs/${door}/openapi.json` })
    const document = body as { tags: { name: string; description: string }[]; paths: Record<string, Record<string, Told>> }
    const sections = new Set(document.tags.map(({ name }) => name))
    const told = new Set<string>()
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { summary = '', description = '', tags = [], requestBody, responses }] of Object.entries(methods)) {
        const route = `${method} ${path}`
        expect({ route, title: summary.length > 3 && summary.length < 40 && !summary.endsWith('.') }).toEqual({ route, title: true })
        expect({ route, words: description.length > 0, known: tags.filter((tag) => sections.has(tag)) }).toEqual({
          route,
          words: true,
          known: tags,
        })
        for (const tag of tags) told.add(tag)
        const [content] = Object.values(requestBody?.content ?? {})
        const isShown =
          content === undefined || content.example !== undefined || content.examples !== undefined || content.schema.examples !== undefined
        // a body that may be left out altogether
        expect({ route, isShown: isShown || path.endsWith('/read') }).toEqual({ route, isShown: true })
        expect(Object.values(responses).map((one) => one.description)).not.toContain('')
      }
    }
    expect(told).toEqual(sections)
    expect(JSON.stringify(document)).not.toContain('9007199254740991')
  }
})

test('what is no HTTP gets a plain answer, and a head too large as well', async () => {
  expect(await talk('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 Bad Request\r\n[\s\S]*X-Request-Id: req_[\s\S]*"code":"malformed"/)
  expect(await talk(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /)
})

const talk = (words: string): Promise<string> =>
  new Promise((done, failed) => {
    let heard = ''
    const socket = connect(Number(new URL(doors.url).port), '127.0.0.1', () => socket.write(words))
    socket.on('data', (bytes) => {
      heard += bytes
    })
    socket.on('close', () => done(heard))
    socket.on('error', failed)
  })

test('every answer carries an id, and it is ours whatever the request brought', async () => {
  for (const path of ['/', '/healthz', '/docs', '/v2/me', '/v2/nothing', '/nothing', '/v2/messages/%zz']) {
    const told = await doors.ask({ path, headers: { 'x-request-id': 'theirs', 'request-id': 'theirs' } })
    expect({ path, id: told.headers.get('x-request-id') }).toEqual({ path, id: expect.stringMatching(/^req_[0-9a-f]{32}$/) })
  }
})

test('a host of its own serves one door: 421 for another one', async () => {
  const hosted = await openDoors(database, {
    settings: {
      hosts: new Map([
        ['api.theirs.example', 'blueticks-co'],
        ['api.ours.example', 'canonical'],
      ]),
    },
  })
  const at = (host: string, path: string): Promise<{ status: number; body: string }> =>
    new Promise((done, failed) => {
      httpRequest(`${hosted.url}${path}`, { headers: { host } }, (answer) => {
        let body = ''
        answer.on('data', (bytes) => {
          body += bytes
        })
        answer.on('end', () => done({ status: answer.statusCode ?? 0, body }))
      })
        .on('error', failed)
        .end()
    })
  expect(await at('api.theirs.example', '/v2/me')).toMatchObject({ status: 421, body: expect.stringContaining('"not_found"') })
  expect(await at('API.theirs.example:8080', '/v2/me')).toMatchObject({ status: 421 })
  expect(await at('api.ours.example', '/v2/me')).toMatchObject({ status: 401 })
  expect(await at('elsewhere.example', '/v2/me')).toMatchObject({ status: 401 })
  expect(await at('api.theirs.example', '/healthz')).toMatchObject({ status: 200 })
  await hosted.close()
})

test('a secret in a query, a header, a path or a body is in no log', async () => {
  const secret = `chq_test_${'S3cretS3cret'.repeat(3).slice(0, 32)}`
  const others = [`bt_live_${'Abc123'.repeat(6).slice(0, 32)}`, `42|${'aB3'.repeat(14).slice(0, 40)}`, 'Zz9'.repeat(11).slice(0, 32)]
  for (const key of [secret, ...others, tenant.key]) {
    const encoded = encodeURIComponent(key)
    await doors.ask({ path: `/v2/messages?apiKey=${encoded}&search=${encoded}`, key })
    await doors.ask({ path: `/v2/messages/${encoded}`, key: tenant.key })
    await doors.ask({ path: `/${encoded}/x?token=${encoded}` })
    await doors.ask({ path: '/v2/me', headers: { 'x-api-key': key, cookie: `session=${key}`, authorization: key } })
    await doors.ask({ path: '/v2/messages', key, body: { to: '+14155550123', text: key, apiKey: key } })
    await doors.ask({ path: '/v2/messages', key: tenant.key, body: { to: key, text: key, metadata: { key } } })
    await doors.ask({ path: '/v2/messages', key: tenant.key, raw: `{"apiKey": ${key}`, headers: { 'content-type': 'application/json' } })
    await doors.ask({ path: '/v2/webhooks', key: tenant.key, body: { url: `https://user:${key}@example.com/`, events: [key] } })
    await doors.ask({
      path: '/v2/messages',
      key: tenant.key,
      headers: { 'idempotency-key': key.replace('|', '-') },
      body: { to: '+14155550123', text: 'x' },
    })
    await talk(`GET /?k=${encoded} HTTP/9.9\r\n\r\n`)
  }
  await expect.poll(() => doors.log()).toContain('"/v2/messages"')
  const log = doors.log()
  for (const key of [secret, ...others, tenant.key])
    for (const form of [key, encodeURIComponent(key), key.slice(-20)]) expect(log).not.toContain(form)
  expect(log).not.toContain('4155550123')
})

test('an error nobody foresaw is told without its words, and its words are logged without keys', async () => {
  const secret = `chq_live_${'x1'.repeat(16)}`
  const broken = await openDoors(database, {
    hooks: [
      async (scope) => {
        scope.get('/v2/broken', () => {
          throw new Error(`the value "${secret}" broke it`)
        })
      },
    ],
  })
  await broken.tenant()
  const told = await broken.ask({ path: '/v2/broken' })
  expect(told).toMatchObject({ status: 500, body: { code: 'internal', requestId: told.headers.get('x-request-id') } })
  expect(told.text).not.toContain('broke it')
  await expect.poll(() => broken.log()).toContain('broke it')
  expect(broken.log()).not.toContain(secret)
  await broken.close()
})

test('a POST under a key answers once: the first answer again, secrets and all, also for another route or body never', async () => {
  const headers = { 'idempotency-key': 'make-a-key' }
  const asked = { path: '/v2/api-keys', key: tenant.key, body: { name: 'Once' }, headers }
  const [first, ...others] = await Promise.all([doors.ask(asked), doors.ask(asked), doors.ask(asked)])
  expect(first?.status).toBe(201)
  for (const other of others) expect(other.body).toEqual(first?.body)
  expect([first, ...others].filter((told) => told?.headers.get('idempotent-replayed') === 'true')).toHaveLength(2)
  expect(await doors.ask({ ...asked, body: { name: 'Twice' } })).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
  const other = await doors.tenant()
  expect(await doors.ask({ ...asked, key: other.key })).toMatchObject({ status: 201 })
})

test('closing drops no request: each is answered, and told that the connection ends', async () => {
  const closing = await openDoors(database)
  const { key } = await closing.tenant()
  const agent = new Agent({ keepAlive: true })
  let refused = 0
  let served = 0
  const lost: string[] = []
  const loop = async () => {
    for (;;) {
      const end = await once(agent, `${closing.url}/v2/me`, key)
      if (end === 'ECONNREFUSED') {
        refused++
        return
      }
      if (end === 200) served++
      else lost.push(String(end))
    }
  }
  const loops = Array.from({ length: 8 }, loop)
  await once(agent, `${closing.url}/v2/me`, key)
  const slow = ask(closing.url, { path: '/v2/messages', key, body: { to: '+14155550123', text: 'Last' } })
  await slow
  await closing.close()
  await Promise.all(loops)
  agent.destroy()
  expect({ lost, refused }).toEqual({ lost: [], refused: 8 })
  expect(served).toBeGreaterThan(8)
})

const once = (agent: Agent, url: string, key: string): Promise<number | string> =>
  new Promise((done) => {
    const asked = httpRequest(url, { agent, headers: { authorization: `Bearer ${key}` } }, (answer) => {
      answer.resume()
      answer.on('end', () => done(answer.statusCode ?? 0))
      answer.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'lost'))
    })
    asked.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'lost'))
    asked.end()
  })
