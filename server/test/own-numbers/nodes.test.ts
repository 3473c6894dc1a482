import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openNumberStage } from './number-stage.ts'

let stage: Awaited<ReturnType<typeof openNumberStage>>
let shop: { id: string; number: string }
let other: { url: string }
beforeAll(async () => {
  stage = await openNumberStage()
  shop = await stage.link()
  other = await stage.house.another()
}, 60_000)
afterAll(() => stage.close())

const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(`${other.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${stage.house.firstRun.live.keys.canonical}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}

describe('a process that does not hold the session', () => {
  test('takes messages for it, and the other sends them', async () => {
    const ann = stage.newNumber()
    const { status, body } = await ask('POST', '/v2/messages', { channelId: shop.id, to: ann, text: 'By way of another' })
    expect(status).toBe(201)
    await stage.reaches(body.id, 'delivered')
    expect(stage.bubbles(shop.number, ann)).toHaveLength(1)
  })

  test('changes a sent message through it, and hears what the network refused', async () => {
    const ann = stage.newNumber()
    const { body } = await ask('POST', '/v2/messages', { channelId: shop.id, to: ann, text: 'At nine' })
    await stage.reaches(body.id, 'delivered')
    expect(await ask('PATCH', `/v2/messages/${body.id}`, { text: 'At ten' })).toMatchObject({ status: 200 })
    expect(stage.bubbles(shop.number, ann)[0]?.content).toMatchObject({ text: 'At ten' })
    stage.server.faults.refuseMessages(ann, 403)
    expect(await ask('POST', `/v2/messages/${body.id}/revoke`)).toMatchObject({
      status: 409,
      body: { detail: 'This number may not write there' },
    })
  })

  test('founds a group through it, and tells what the network refused', async () => {
    const [ann, ben] = [stage.newNumber(), stage.newNumber()]
    const { status, body } = await ask('POST', '/v2/groups', { channelId: shop.id, name: 'Team', participants: [ann, ben] })
    expect({ status, body }).toMatchObject({ status: 201, body: { name: 'Team' } })
    const shown = await ask('PATCH', `/v2/groups/${body.id}`, { name: 'The team' })
    expect(shown).toMatchObject({ status: 200, body: { name: 'The team' } })
    await eventually(async () => stage.network.groups.find(shop.number, body.address)?.name === 'The team')
  })

  test('logged out: says so, and founds nothing', async () => {
    await stage.call('POST', `/v2/channels/${shop.id}/logout`)
    const { status, body } = await ask('POST', '/v2/groups', { channelId: shop.id, name: 'Nobody', participants: [stage.newNumber()] })
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'channel_closed' })
  })
})
