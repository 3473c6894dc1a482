import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '#kit/context'
import { first, sql } from '#kit/db'
import { DomainError } from '#kit/errors'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import {
  appendMembers,
  createAudience,
  deleteAudience,
  getAudience,
  listAudiences,
  listMembers,
  removeMember,
  updateAudience,
  updateMember,
} from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

const phone = (i: number) => `+1415555${String(1_000 + i)}`
const people = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ to: phone(from + i) }))
const addressesOf = async (ctx: Context, audienceId: string) =>
  (await listMembers(ctx, { audienceId, limit: 200 })).rows.map(({ address }) => address)
const rowsOf = async (audienceId: string) =>
  (await first(open.database.db, sql<{ n: number }>`select count(*)::integer as n from audience_members where audience_id = ${audienceId}`))
    ?.n

describe('members', () => {
  test('are taken once, in whatever spelling, in the order of their coming', async () => {
    const { ctx } = await testWorkspace(open)
    const audience = await createAudience(ctx, {
      name: 'Spring',
      members: [
        { to: '+1 (415) 555-0123', variables: { name: 'Ana' } },
        { to: '14155550123@c.us', variables: { name: 'not she' } },
        { to: '120363000000000001@g.us' },
        { to: '120363000000000002@newsletter' },
      ],
    })
    expect(audience).toMatchObject({ name: 'Spring', memberCount: 3 })
    expect(await appendMembers(ctx, { audienceId: audience.id, members: [{ to: '+14155550123' }, { to: '+14155550124' }] })).toEqual({
      added: 1,
      skipped: 1,
      memberCount: 4,
    })
    const { rows } = await listMembers(ctx, { audienceId: audience.id })
    expect(rows.map(({ address, variables }) => [address, variables])).toEqual([
      ['+14155550123', { name: 'Ana' }],
      ['120363000000000001@g.us', {}],
      ['120363000000000002@newsletter', {}],
      ['+14155550124', {}],
    ])
  })

  test('one wrong address and nobody is added; every wrong one is named', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: audienceId } = await createAudience(ctx, { name: 'A', members: people(0, 2) })
    const members = [{ to: phone(10) }, { to: 'nobody' }, { to: phone(11) }, { to: 'x@example.com' }]
    const refused = await appendMembers(ctx, { audienceId, members }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(DomainError)
    expect(refused).toMatchObject({ code: 'invalid', issues: [{ path: 'members.1.to' }, { path: 'members.3.to' }] })
    expect(await getAudience(ctx, { audienceId })).toMatchObject({ memberCount: 2 })
    expect(await rowsOf(audienceId)).toBe(2)
    await expect(createAudience(ctx, { name: 'B', members })).rejects.toMatchObject({ code: 'invalid' })
    expect((await listAudiences(ctx, {})).rows).toHaveLength(1)
  })

  test.each([
    ['a name with a space', { 'first name': 'x' }],
    ['a name that begins with a digit', { '1st': 'x' }],
    ['a name too long', { ['x'.repeat(33)]: 'x' }],
    ['a value too long', { name: 'x'.repeat(1_025) }],
    ['too many', Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`v${i}`, 'x']))],
  ])('variables: %s', async (_, variables) => {
    const { ctx } = await testWorkspace(open)
    await expect(createAudience(ctx, { name: 'A', members: [{ to: phone(1), variables }] })).rejects.toMatchObject({ code: 'invalid' })
  })

  test('change address and variables, never to an address that is there', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: audienceId } = await createAudience(ctx, {
      name: 'A',
      members: [{ to: phone(1), variables: { a: '1', b: '2' } }, { to: phone(2) }],
    })
    const [one, two] = (await listMembers(ctx, { audienceId })).rows
    const memberId = one?.id ?? ''
    expect(await updateMember(ctx, { audienceId, memberId, variables: { c: '3' } })).toMatchObject({
      address: phone(1),
      variables: { c: '3' },
    })
    await expect(updateMember(ctx, { audienceId, memberId, to: phone(2) })).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ path: 'to' }],
    })
    await updateMember(ctx, { audienceId, memberId, to: phone(3) })
    expect(await addressesOf(ctx, audienceId)).toEqual([phone(3), phone(2)])
    await removeMember(ctx, { audienceId, memberId: two?.id ?? '' })
    await expect(removeMember(ctx, { audienceId, memberId: two?.id ?? '' })).rejects.toMatchObject({ code: 'not_found' })
    expect(await getAudience(ctx, { audienceId })).toMatchObject({ memberCount: 1 })
  })

  test('pages have everybody once, while others come', async () => {
    const { ctx } = await testWorkspace(open)
    const { id: audienceId } = await createAudience(ctx, { name: 'A', members: people(0, 25) })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await listMembers(ctx, { audienceId, limit: 10, cursor })
      seen.push(...page.rows.map(({ address }) => address))
      cursor = page.next
      if (seen.length === 10) await appendMembers(ctx, { audienceId, members: people(25, 3) })
    } while (cursor !== undefined)
    expect(seen).toEqual(people(0, 28).map(({ to }) => to))
    expect((await listMembers(ctx, { audienceId, limit: 10, skip: 20 })).rows.map(({ address }) => address)).toEqual(
      people(20, 8).map(({ to }) => to),
    )
  })
})

test('the count is the rows, for any requests at once', async () => {
  const { ctx } = await testWorkspace(open)
  const step = fc.oneof(
    fc.record({ do: fc.constant('append' as const), from: fc.nat(20), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ do: fc.constant('remove' as const), at: fc.nat(15) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 4 }), async (rounds) => {
      const { id: audienceId } = await createAudience(ctx, { name: 'Counted' })
      for (const round of rounds) {
        const { rows } = await listMembers(ctx, { audienceId, limit: 200 })
        const removals = new Set<string>()
        const requests = round.flatMap((one): Promise<unknown>[] => {
          if (one.do === 'append') return [appendMembers(ctx, { audienceId, members: people(one.from, one.count) })]
          const memberId = rows[one.at]?.id
          if (memberId === undefined || removals.has(memberId)) return []
          removals.add(memberId)
          return [removeMember(ctx, { audienceId, memberId })]
        })
        await Promise.all(requests)
        const found = await addressesOf(ctx, audienceId)
        expect(new Set(found).size).toBe(found.length)
        expect(await getAudience(ctx, { audienceId })).toMatchObject({ memberCount: found.length })
        expect(await rowsOf(audienceId)).toBe(found.length)
      }
    }),
    { numRuns: 25 },
  )
})

describe('audiences', () => {
  test('are listed both ways, renamed, and seen no more once deleted', async () => {
    const { ctx } = await testWorkspace(open)
    const made = []
    for (const name of ['a', 'b', 'c']) made.push(await createAudience(ctx, { name }))
    const names = async (order: 'newest' | 'oldest', more: object = {}) =>
      (await listAudiences(ctx, { order, ...more })).rows.map(({ name }) => name)
    expect(await names('newest')).toEqual(['c', 'b', 'a'])
    expect(await names('oldest', { skip: 1 })).toEqual(['b', 'c'])
    const { next } = await listAudiences(ctx, { limit: 2 })
    expect(await names('newest', { cursor: next })).toEqual(['a'])
    const audienceId = made[1]?.id ?? ''
    expect(await updateAudience(ctx, { audienceId, name: ' B ' })).toMatchObject({ name: 'B', memberCount: 0 })
    await deleteAudience(ctx, { audienceId })
    for (const verb of [getAudience, deleteAudience, listMembers])
      await expect(verb(ctx, { audienceId })).rejects.toMatchObject({ code: 'not_found' })
    await expect(appendMembers(ctx, { audienceId, members: people(0, 1) })).rejects.toMatchObject({ code: 'not_found' })
    expect((await listAudiences(ctx, { withTotal: true })).total).toBe(2)
  })

  test('are nobody else\u2019s', async () => {
    const { ctx } = await testWorkspace(open)
    const { ctx: stranger } = await testWorkspace(open)
    const { id: audienceId } = await createAudience(ctx, { name: 'ours', members: people(0, 1) })
    const memberId = (await listMembers(ctx, { audienceId })).rows[0]?.id ?? ''
    for (const verb of [
      () => getAudience(stranger, { audienceId }),
      () => updateAudience(stranger, { audienceId, name: 'x' }),
      () => deleteAudience(stranger, { audienceId }),
      () => appendMembers(stranger, { audienceId, members: people(5, 1) }),
      () => updateMember(stranger, { audienceId, memberId, variables: {} }),
      () => removeMember(stranger, { audienceId, memberId }),
    ])
      await expect(verb()).rejects.toMatchObject({ code: 'not_found' })
    expect(await addressesOf(ctx, audienceId)).toEqual([phone(0)])
  })
})
