import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Document, nameOf, type Operation, type Parameter, readOperations } from '../../fuzz/document.ts'
import { findMismatch } from '../../fuzz/find-mismatch.ts'
import { eventually } from '../house.ts'
import { openPlace } from '../places/open-place.ts'
import type { Place } from '../places/place.ts'
import { sandboxTest } from '../places/sandbox-test.ts'
import { openWeb, PNG, type Web } from '../web.ts'
import { type Living, makeFor, makeMessage } from './document/living.ts'

// what the reference shows can be sent as it stands, ids and addresses replaced by living ones
let house: Place
let web: Web
let operations: Operation[]
let message: Living
beforeAll(async () => {
  web = await openWeb({ '/': { type: 'image/png', bytes: PNG } })
  house = await openPlace()
  message = await makeMessage(house, `${web.url}/`)
  const { text } = await house.ask('/docs/blueticks-co/openapi.json', { key: null })
  operations = readOperations('blueticks-co', JSON.parse(text) as Document) // it is one: other tests read it
})
afterAll(async () => {
  await house.close()
  await web.close()
})

/** By the name of a field, in a path, a query or a body: what stands there instead. */
function lively(name: string, value: unknown, living: Living): unknown {
  if (name === 'apiKey') return house.keys.blueticks
  if (name === 'messageKeys') return [living.key]
  if (name in living) return living[name]
  if (typeof value === 'string' && /^https?:/.test(value)) return `${web.url}/`
  if (Array.isArray(value)) return value.map((item) => lively('', item, living))
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, lively(key, inner, living)])) : value
}
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

type Shown = Parameter & { examples?: Record<string, { value: unknown }> }

const examplesOf = ({ example, examples = {}, schema }: Shown): unknown[] =>
  [example, ...Object.values(examples).map(({ value }) => value), schema.example, ...(schema.examples ?? [])].filter(
    (one) => one !== undefined,
  )

/** A request as the reference shows it, by the first or a later example; `more`: of the query. */
async function send(operation: Operation, more: Readonly<Record<string, string>> = {}, which = 0) {
  const living = { ...message, ...(await makeFor(house, operation.path)) }
  const { parameters, method, example } = operation
  const shown = parameters.flatMap((parameter) => {
    const examples = examplesOf(parameter)
    const value = examples[which] ?? examples[0]
    return value === undefined ? [] : [{ ...parameter, value: String(lively(parameter.name, value, living)) }]
  })
  const path = shown
    .filter((one) => one.in === 'path')
    .reduce((url, { name, value }) => url.replace(`{${name}}`, encodeURIComponent(value)), operation.path)
  const query = shown.filter((one) => one.in === 'query').map(({ name, value }): [string, string] => [name, value])
  const search = new URLSearchParams([...query, ...Object.entries(more)])
  const body = operation.body && lively('', example, living)
  return house.ask(`${path}${search.size > 0 ? `?${search}` : ''}`, {
    method,
    ...(body !== undefined && { body }),
    ...(operation.path.startsWith('/messages') && { key: null }),
  })
}

/** What is wrong with the answer, in words. */
function faultOf(operation: Operation, { status, text }: Awaited<ReturnType<typeof send>>): string | undefined {
  const success = [...operation.answers.keys()].filter((one) => /^2\d\d$/.test(one)).at(-1)
  if (String(status) !== success) return `answered ${status}, not ${success}: ${text.slice(0, 300)}`
  if (success === '204') return text === '' ? undefined : `has a body: ${text}`
  const schema = operation.answers.get(success)
  if (!schema) return `shows no answer for ${success}`
  return findMismatch(schema, JSON.parse(text))
}

test('every operation with a body shows one, every one names its parts in the path by an example', () => {
  expect(operations).toHaveLength(81)
  const bare = operations.filter(({ body, example }) => body !== undefined && example === undefined)
  expect(bare.map(nameOf)).toEqual([])
  const unshown = operations.flatMap((operation) =>
    operation.parameters
      .filter((one) => one.required === true && examplesOf(one).length === 0)
      .map(({ name }) => `${nameOf(operation)} ${name}`),
  )
  expect(unshown).toEqual([])
})

test('every example is taken, and answered as the reference says', async () => {
  const faults: string[] = []
  for (const operation of operations) {
    const count = Math.max(1, ...operation.parameters.map((one) => examplesOf(one).length))
    for (let which = 0; which < count; which++) {
      const fault = faultOf(operation, await send(operation, {}, which))
      if (fault !== undefined) faults.push(`${nameOf(operation)}: ${fault}`)
    }
    if (operation.path === '/v1/engines/logout') await house.comeBack()
    if (operation.path.startsWith('/v1/engines/')) await eventually(async () => (await house.ask('/v1/engines')).body.connected)
  }
  expect(faults).toEqual([])
}, 120_000)

sandboxTest(
  'about what is stored',
  'a query takes every word that the reference lists for it',
  async () => {
    const faults: string[] = []
    for (const operation of operations)
      for (const { name, schema } of operation.parameters.filter((one) => one.in === 'query'))
        for (const word of schema.enum ?? schema.items?.enum ?? []) {
          const fault = faultOf(operation, await send(operation, { [name]: String(word) }))
          if (fault !== undefined) faults.push(`${nameOf(operation)}?${name}=${word}: ${fault}`)
        }
    expect(faults).toEqual([])
  },
  120_000,
)
