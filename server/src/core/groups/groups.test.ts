import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createChannel } from '#core/channels'
import { createContact, deleteContact } from '#core/contacts'
import type { GroupChange, GroupDeed, RoadGroup } from '#core/transport'
import { all, sql } from '#kit/db'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { findGroup, findGroupChanges, hearGroupChanges, listGroups, listParticipants } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

const JID = '120363000000000001@g.us'
const [ANA, BO, LID] = ['+14155550150', '+14155550151', '98765@lid']
const AT = new Date('2026-05-01T10:00:00Z')

async function place() {
  const { ctx } = await testWorkspace(open, { environment: 'test' })
  const channel = await createChannel(ctx, { kind: 'sandbox', persona: 'own_number' })
  const own = channel.phone
  const known = (more: Partial<RoadGroup> = {}): GroupDeed => ({
    kind: 'known',
    group: {
      address: JID,
      name: 'Team',
      description: undefined,
      owner: ANA,
      onlyAdminsWrite: false,
      onlyAdminsEdit: false,
      foundedAt: AT,
      participants: [
        { address: ANA, role: 'owner' },
        { address: own, role: 'member' },
        { address: LID, role: 'admin' },
      ],
      ...more,
    },
  })
  const hear = (deed: GroupDeed, more: Partial<GroupChange> = {}) =>
    hearGroupChanges({ database: open.database, events: ctx.ports.events }, { id: channel.id, workspaceId: ctx.workspaceId, number: own }, [
      { group: JID, at: AT, by: ANA, deed, ...more },
    ])
  const told = async () => {
    const rows = await all(
      ctx.db,
      sql<{
        type: string
        change: string
      }>`select type, subjects ->> 'groupChangeId' as change from events where workspace_id = ${ctx.workspaceId} and type like 'group.%' order by seq`,
    )
    const changes = await findGroupChanges(
      ctx.db,
      ctx.workspaceId,
      rows.map(({ change }) => change),
    )
    return rows.map(({ type, change }) => ({ type, ...changes.find(({ id }) => id === change) }))
  }
  const group = () => findGroup(ctx, { address: JID })
  const people = async () =>
    (await listParticipants(ctx, { groupId: (await group()).id })).rows.map(({ address, role }) => `${address} ${role}`)
  return { ctx, own, hear, known, told, group, people }
}

describe('what a network tells of groups', () => {
  test('a group it knows becomes a row, told once; telling it again tells what nobody told of', async () => {
    const { hear, known, told, group, people, own } = await place()
    await hear(known())
    expect(await group()).toMatchObject({ name: 'Team', owner: ANA, participantCount: 3, foundedAt: AT, leftAt: undefined })
    expect(await people()).toEqual([`${ANA} owner`, `${own} member`, `${LID} admin`].sort())
    await hear(known({ name: 'Crew', participants: [{ address: own, role: 'admin' }] }))
    expect(await group()).toMatchObject({ name: 'Crew', participantCount: 1 })
    expect(await people()).toEqual([`${own} admin`])
    await hear(known({ name: 'Crew', participants: [{ address: own, role: 'admin' }] })) // nothing new
    expect(await told()).toMatchObject([
      { type: 'group.created', by: ANA },
      { type: 'group.member_removed', participants: expect.arrayContaining([ANA, LID]), by: undefined },
      { type: 'group.admin_changed', participants: [own], by: undefined },
      { type: 'group.updated', was: { name: 'Team' }, isNow: { name: 'Crew' } },
    ])
  })

  test('who was known by his LID, and now by his number, has not come or gone', async () => {
    const { hear, known, told, people, own } = await place()
    await hear(known())
    await hear(
      known({
        participants: [
          { address: ANA, role: 'owner' },
          { address: own, role: 'member' },
          { address: BO, role: 'admin', lid: LID },
        ],
      }),
    )
    expect(await people()).toEqual([`${ANA} owner`, `${own} member`, `${BO} admin`].sort())
    expect((await told()).map(({ type }) => type)).toEqual(['group.created'])
  })

  test('told twice under its id, or changing nothing, it is no news', async () => {
    const { hear, known, told, group } = await place()
    await hear(known())
    await hear({ kind: 'joined', people: [BO] }, { id: 'w1' })
    await hear({ kind: 'left', people: [BO] }, { id: 'w2' })
    await hear({ kind: 'joined', people: [BO] }, { id: 'w1' }) // late and again
    expect(await group()).toMatchObject({ participantCount: 3 })
    await hear({ kind: 'joined', people: [ANA] })
    await hear({ kind: 'promoted', people: [ANA, LID] })
    await hear({ kind: 'changed', name: 'Team', onlyAdminsWrite: false })
    expect((await told()).map(({ type, participants, by }) => [type, participants, by])).toEqual([
      ['group.created', expect.any(Array), ANA],
      ['group.member_joined', [BO], ANA],
      ['group.member_left', [BO], ANA],
    ])
  })

  test('a change of a group that nobody told of makes it known', async () => {
    const { hear, group, told } = await place()
    await hear({ kind: 'changed', name: 'New here', description: 'Words' })
    expect(await group()).toMatchObject({ name: 'New here', description: 'Words', participantCount: 0 })
    expect(await told()).toMatchObject([{ type: 'group.updated', was: { name: null, description: null }, isNow: { name: 'New here' } }])
  })

  test('thrown out and added again: the channel is out of it, and in', async () => {
    const { ctx, hear, known, group, own } = await place()
    await hear(known())
    await hear({ kind: 'removed', people: [own] })
    expect(await group()).toMatchObject({ leftAt: AT, participantCount: 2 })
    expect((await listGroups(ctx, {})).rows).toEqual([])
    await hear({ kind: 'added', people: [own] })
    expect(await group()).toMatchObject({ leftAt: undefined, participantCount: 3 })
    expect((await listGroups(ctx, { participant: own })).rows).toHaveLength(1)
  })

  test('many at once, of many groups, by several tellers: each is there once', async () => {
    const { hear, known, group, told } = await place()
    await hear(known())
    const join = (n: number) => hear({ kind: 'joined', people: [`+1415555${String(n).padStart(4, '0')}`] }, { id: `j${n}` })
    await Promise.all(Array.from({ length: 20 }, (_, n) => [join(n), join(n)]).flat())
    expect(await group()).toMatchObject({ participantCount: 23 })
    expect((await told()).filter(({ type }) => type === 'group.member_joined')).toHaveLength(20)
  })
})

test('who is erased is named by no change any more; who is only detached is', async () => {
  const { ctx, hear, known, told } = await place()
  await hear(known())
  await hear({ kind: 'joined', people: [BO] }, { by: BO })
  const ana = await createContact(ctx, { phone: ANA })
  const bo = await createContact(ctx, { phone: BO })
  await deleteContact(ctx, { contactId: ana.id, history: 'detach' })
  expect((await told())[0]).toMatchObject({ by: ANA })
  await deleteContact(ctx, { contactId: bo.id, history: 'erase' })
  expect((await told())[1]).toMatchObject({ type: 'group.member_joined', by: undefined, participants: [] })
})
