import { expect, test } from 'vitest'
import type { Incoming } from '#core/transport'
import { DomainError } from '#kit/errors'
import { openLog } from '#kit/log'
import { openTeller } from './teller.ts'

const log = openLog('silent')
const newsOf = (names: readonly string[]): Partial<Incoming> => ({ people: names.map((profileName) => ({ profileName })) })
const namesIn = ({ people = [] }: Partial<Incoming>) => people.map(({ profileName }) => profileName)

/** Resolves when so many were told. */
function openEar(answer: (names: (string | undefined)[]) => Promise<boolean>) {
  const told: (string | undefined)[] = []
  const { promise: end, resolve } = Promise.withResolvers<void>()
  const teller = openTeller({
    log,
    async tell(incoming) {
      const names = namesIn(incoming)
      if (names.includes('end')) resolve()
      const isOurs = await answer(names)
      if (isOurs) told.push(...names)
      return isOurs
    },
  })
  return {
    told,
    end,
    put: (...names: string[]) => teller.put(async () => newsOf(names)),
    broken: () => teller.put(() => Promise.reject(new Error('unreadable'))),
  }
}

test('what cannot be read, or no row can be made of, stands back for the others', async () => {
  const { told, end, put, broken } = openEar(async (names) => {
    if (names.includes('bad')) throw new DomainError('invalid', 'no row can be made of it')
    return true
  })
  put('a')
  broken()
  put('bad')
  put('b', 'end')
  await end
  await expect.poll(() => told).toEqual(['a', 'b', 'end'])
})

test('a database that is away is waited for, in order', async () => {
  let away = 1
  const { told, end, put } = openEar(async () => {
    if (away-- > 0) throw new Error('the database is away')
    return true
  })
  put('a')
  put('end')
  await end
  await expect.poll(() => told).toEqual(['a', 'end'])
})

test('after the session nothing is told', async () => {
  const asked: unknown[] = []
  const { put, end } = openEar(async (names) => {
    asked.push(names)
    return false
  })
  put('a', 'end')
  await end
  await new Promise(setImmediate)
  put('b')
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  expect(asked).toEqual([['a', 'end']])
})

test('what people did comes before the whole that was asked for afterwards', async () => {
  const { promise, resolve } = Promise.withResolvers<Partial<Incoming>>()
  const teller = openTeller({
    log,
    async tell(incoming) {
      resolve(incoming)
      return true
    },
  })
  const at = new Date(0)
  const group = {
    address: 'g',
    name: 'G',
    description: undefined,
    owner: undefined,
    onlyAdminsWrite: false,
    onlyAdminsEdit: false,
    foundedAt: undefined,
    participants: [],
  }
  teller.put(async () => ({ groupChanges: [{ group: 'g', at, deed: { kind: 'known', group } }] }))
  teller.put(async () => ({ groupChanges: [{ group: 'g', at, deed: { kind: 'removed', people: ['b'] } }] }))
  expect((await promise).groupChanges?.map(({ deed }) => deed.kind)).toEqual(['removed', 'known'])
})
