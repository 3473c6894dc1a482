import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GroupAct } from '#core/transport'
import { eventually } from '../house.ts'
import { openNumberStage } from './number-stage.ts'

let stage: Awaited<ReturnType<typeof openNumberStage>>
beforeAll(async () => {
  stage = await openNumberStage()
})
afterAll(async () => {
  await stage.close()
  expect(stage.server.failures()).toEqual([])
})

type Told = { type: string; data: { groupId?: string; change?: Record<string, unknown> } }
type Shown = { id: string; address: string }

/** A number in a group with Ana and Bo; what Ana does in it, heard by the number's devices or not; and what is told of it. */
async function place() {
  const { network, server, call, newNumber } = stage
  const { id: channelId, number } = await stage.link()
  const [ana, bo, cy] = [newNumber(), newNumber(), newNumber()] as const
  const made = await call<Shown>('POST', '/v2/groups', { body: { channelId, name: 'Team', participants: [ana, bo] } })
  const group = network.groups.find(number, made.body.address)
  if (!group) throw new Error(JSON.stringify(made.body))
  network.actInGroup(number, group, { act: 'promote', people: [ana] })
  const told = async () => {
    const { data } = (await call<{ data: Told[] }>('GET', '/v2/events?limit=200')).body
    return data.filter((one) => one.data.groupId === made.body.id).map(({ type, data }) => ({ type, ...data.change }))
  }
  await eventually(async () => (await told()).length === 2)
  return {
    cy,
    ana,
    bo,
    act: (who: string, act: GroupAct) => expect(network.actInGroup(who, group, act)).toMatchObject({ kind: 'ok' }),
    actUnheard: (who: string, act: GroupAct) => expect(network.groups.act(group, who, act)).toMatchObject({ kind: 'ok' }),
    async whileAway(work: () => void) {
      server.faults.refuse(number, true)
      server.faults.drop(number)
      await stage.until(channelId, 'degraded')
      work()
      server.faults.refuse(number, false)
      await stage.until(channelId, 'open')
    },
    told: async () => (await told()).slice(2),
  }
}

test('what people do in a group while the number is away is told, with who did it', async () => {
  const { ana, bo, cy, act, whileAway, told } = await place()
  await whileAway(() => {
    act(ana, { act: 'add', people: [cy] })
    act(ana, { act: 'promote', people: [cy] })
    act(ana, { act: 'remove', people: [bo] })
    act(ana, { act: 'change', name: 'Crew' })
  })
  await eventually(async () => (await told()).length >= 4)
  expect(await told()).toMatchObject([
    { type: 'group.member_added', participants: [cy], by: ana },
    { type: 'group.admin_changed', participants: [cy], by: ana },
    { type: 'group.member_removed', participants: [bo], by: ana },
    { type: 'group.updated', isNow: { name: 'Crew' }, by: ana },
  ])
})

test('what the network tells no more is found in the group as it is', async () => {
  const { ana, bo, cy, actUnheard, whileAway, told } = await place()
  await whileAway(() => {
    actUnheard(ana, { act: 'add', people: [cy] })
    actUnheard(ana, { act: 'promote', people: [cy] })
    actUnheard(bo, { act: 'leave' })
    actUnheard(ana, { act: 'change', name: 'Crew' })
  })
  await eventually(async () => (await told()).length >= 4)
  expect(await told()).toMatchObject([
    { type: 'group.member_removed', participants: [bo], by: null },
    { type: 'group.member_added', participants: [cy], by: null },
    { type: 'group.admin_changed', participants: [cy], by: null },
    { type: 'group.updated', isNow: { name: 'Crew' }, by: null },
  ])
})
