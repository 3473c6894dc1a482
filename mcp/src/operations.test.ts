import { expect, test } from 'vitest'
import { ApiDocument } from './document.ts'
import { listOperations } from './operations.ts'
import { buildTools } from './tools.ts'
import { writeRequest } from './write-request.ts'

const open = (paths: unknown, schemas: unknown = {}) =>
  ApiDocument.parse({
    openapi: '3.1.0',
    info: { title: 'API', version: '2' },
    tags: [{ name: 'Things', description: 'All things.' }],
    paths,
    components: { schemas },
  })
const operation = (operationId: string, more: object = {}) => ({
  operationId,
  tags: ['Things'],
  summary: 'Do it',
  description: 'It does it.',
  ...more,
})
const body = (schema: object) => ({ requestBody: { content: { 'application/json': { schema } } } })
const path = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } })
const actionOf = (document: ApiDocument, name: string) => {
  const action = buildTools(document).get('things')?.actions.get(name)
  if (!action) throw new Error(`no action ${name}`)
  return action
}

test('references are put in their place, and one that comes back to itself ends', () => {
  const [one] = listOperations(
    open(
      { '/things': { post: operation('things.make', body({ $ref: '#/components/schemas/Thing' })) } },
      {
        Thing: {
          type: 'object',
          required: ['size'],
          properties: { size: { $ref: '#/components/schemas/Size' }, part: { $ref: '#/components/schemas/Thing' } },
        },
        Size: { type: 'integer', minimum: 1 },
      },
    ),
  )
  expect(one?.fields).toEqual([
    { name: 'size', key: 'size', at: 'body', required: true, schema: { type: 'integer', minimum: 1 } },
    { name: 'part', key: 'part', at: 'body', required: false, schema: {} },
  ])
})

test('a body of several forms is all their fields; only what every form needs is needed', () => {
  const form = (kind: string, more: string) => ({
    type: 'object',
    properties: { kind: { type: 'string', enum: [kind] }, [more]: { type: 'string' } },
    required: ['kind', more],
  })
  const [one] = listOperations(
    open({ '/things': { post: operation('things.make', body({ anyOf: [form('a', 'x'), form('b', 'y'), { type: 'null' }] })) } }),
  )
  expect(one?.fields.map(({ name, required }) => [name, required])).toEqual([
    ['kind', true],
    ['x', false],
    ['y', false],
  ])
  expect(one?.fields[0]?.schema).toEqual({ type: 'string', enum: ['a', 'b'] })
})

test('two fields of one name are told apart, each in its place of the request', () => {
  const document = open({
    '/things/{id}': {
      patch: operation('things.change', {
        parameters: [path('id')],
        ...body({ type: 'object', properties: { id: { type: 'string' }, action: { type: 'string' } } }),
      }),
    },
  })
  const request = writeRequest(actionOf(document, 'change'), { id: 'a/b', body_id: 'c', body_action: 'jump' })
  expect(request).toMatchObject({ method: 'PATCH', path: '/things/a%2Fb', body: '{"id":"c","action":"jump"}' })
})

test('what several actions take by one name is listed once, with the words of each', () => {
  const size = (schema: object) => body({ type: 'object', properties: { size: schema } })
  const document = open({
    '/a': { post: operation('things.a', size({ type: 'integer', description: 'In metres' })) },
    '/b': { post: operation('things.b', size({ type: 'string', description: 'S, M or L' })) },
    '/c': { post: operation('things.c', size({ type: 'integer', description: 'In metres' })) },
  })
  expect(buildTools(document).get('things')?.tool.inputSchema.properties?.size).toEqual({
    anyOf: [
      { type: 'integer', description: 'In metres' },
      { type: 'string', description: 'S, M or L' },
    ],
    description: 'In metres (a, c); S, M or L (b)',
  })
})

test('two verbs that would have one name keep their whole names', () => {
  const document = open({
    '/a': { get: operation('red.things.list') },
    '/b': { get: operation('red-things.list') },
    '/c': { get: operation('blue.things.list') },
  })
  expect([...(buildTools(document).get('things')?.actions.keys() ?? [])]).toEqual(['red_things_list', 'list', 'blue_things_list'])
})

test('every write has an idempotency key, a read has none, and an empty body is an object', () => {
  const document = open({
    '/things': { post: operation('things.make', body({ type: 'object', properties: {} })), get: operation('things.list') },
    '/things/{id}': { delete: operation('things.drop', { parameters: [path('id')] }) },
  })
  const make = writeRequest(actionOf(document, 'make'), {})
  expect(make).toMatchObject({ body: '{}', idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/) })
  expect(writeRequest(actionOf(document, 'make'), {})).not.toEqual(make)
  expect(writeRequest(actionOf(document, 'drop'), { id: 7 })).toMatchObject({
    path: '/things/7',
    body: undefined,
    idempotencyKey: expect.any(String),
  })
  expect(writeRequest(actionOf(document, 'list'), {})).toEqual({
    method: 'GET',
    path: '/things',
    body: undefined,
    idempotencyKey: undefined,
  })
})

test('a tool may be chosen, an operation without a name is in none', () => {
  const document = open({
    '/a': { get: operation('things.a') },
    '/b': { get: { tags: ['Others'], responses: {} } },
    '/c': { get: { ...operation('others.c'), tags: ['Other things'] } },
  })
  expect([...buildTools(document).keys()]).toEqual(['things', 'other_things'])
  expect([...buildTools(document, ['other_things']).keys()]).toEqual(['other_things'])
  expect(() => buildTools(document, ['things', 'nothing'])).toThrow('--tools: this server has no nothing; it has things, other_things.')
})
