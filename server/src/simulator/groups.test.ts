import { describe, expect, it } from 'vitest'
import { ANN, open, SHOP, text } from './network.fixture.ts'

const [BEN, CLEO] = ['+491701234560', '+491701234561']

function withGroup(people: string[] = [ANN, BEN]) {
  const stage = open()
  const { network } = stage
  const { group, refused } = network.groups.create(SHOP, { name: 'Team', people })
  const acts: unknown[] = []
  network.on('group', ({ who, act }) => acts.push([who, act]))
  return { ...stage, group, refused, acts }
}

describe('a group', () => {
  it('takes in who is on WhatsApp; its founder is its owner', () => {
    const { group, refused } = withGroup([ANN, '+491701230002'])
    expect([...group.members]).toEqual([
      [SHOP, 'owner'],
      [ANN, 'member'],
    ])
    expect(refused).toMatchObject([{ address: '+491701230002', code: 'not_on_whatsapp' }])
  })

  it('carries a message to each phone once, and tells when all have it and all have read it', () => {
    const { time, network, group, send, told } = withGroup()
    expect(send(group.address, { wireId: 'W1' })).toMatchObject({ kind: 'accepted' })
    expect(send(group.address, { wireId: 'W1' })).toMatchObject({ repeat: true })
    time.advance(10_000)
    expect(told()).toEqual(['sent@0', 'delivered@500', 'read@2000'])
    expect(network.stats().sends).toMatchObject({ total: 2, distinct: 2, twice: 0 })
    expect(network.chat(SHOP, group.address)?.bubbles.get('W1')?.receivers).toEqual([ANN, BEN])
  })

  it('is read by all or by none, and delivered to all or to none', () => {
    const { time, network, send, told } = withGroup()
    for (const silent of ['+491701230004', '+491701230005'])
      send(network.groups.create(SHOP, { name: 'x', people: [ANN, silent] }).group.address)
    time.advance(10_000)
    expect(told()).toEqual(['sent@0', 'sent@0', 'delivered@500'])
  })

  it('takes nothing from a number that is out, or may not write', () => {
    const { network, group, send } = withGroup()
    network.groups.act(group, SHOP, { act: 'promote', people: [ANN] })
    group.members.set(SHOP, 'member')
    network.groups.act(group, ANN, { act: 'change', onlyAdminsWrite: true })
    expect(send(group.address)).toMatchObject({ kind: 'refused', refusal: { word: 'not_in_group' } })
    network.groups.act(group, SHOP, { act: 'leave' })
    expect(send(group.address)).toMatchObject({ kind: 'refused', refusal: { word: 'not_in_group' } })
    expect(send('120363999999999999@g.us')).toMatchObject({ kind: 'refused', refusal: { word: 'not_in_group' } })
  })

  it('is written into by a phone, and no window opens by that', () => {
    const { network, group, inbound } = withGroup()
    network.reply(ANN, SHOP, { content: text('hi'), group: group.address })
    expect(inbound).toMatchObject([{ phone: { number: ANN }, group: group.address }])
    expect(network.chat(SHOP, group.address)).toMatchObject({ windowUntil: 0 })
    expect(network.chat(SHOP, ANN)).toBeUndefined()
  })

  it('tells what phones do, once, and only what changed something', () => {
    const { network, group, acts } = withGroup()
    expect(network.actInGroup(ANN, group, { act: 'add', people: [CLEO] })).toMatchObject({ kind: 'refused', code: 'not_allowed' })
    network.actInGroup(CLEO, group, { act: 'join' })
    network.actInGroup(CLEO, group, { act: 'join' })
    network.groups.act(group, SHOP, { act: 'promote', people: [ANN] })
    expect(network.actInGroup(ANN, group, { act: 'promote', people: [ANN, BEN] })).toEqual({ kind: 'ok', refused: [] })
    expect(network.actInGroup(ANN, group, { act: 'remove', people: [SHOP] })).toMatchObject({ refused: [{ code: 'not_allowed' }] })
    network.actInGroup(BEN, group, { act: 'leave' })
    expect(acts).toEqual([
      [CLEO, { act: 'join' }],
      [ANN, { act: 'promote', people: [BEN] }],
      [BEN, { act: 'leave' }],
    ])
    expect(network.actInGroup(BEN, group, { act: 'change', name: 'x' })).toMatchObject({ kind: 'refused', code: 'not_found' })
  })

  it('is founded again from what is known, unless something known here is not written down yet', async () => {
    const { network, group } = withGroup()
    const known = {
      address: group.address,
      name: 'Older',
      description: undefined,
      owner: SHOP,
      onlyAdminsWrite: true,
      onlyAdminsEdit: false,
      foundedAt: undefined,
      participants: [{ address: SHOP, role: 'owner' as const }],
    }
    const refound = (meanwhile?: () => void) =>
      network.groups.refound(SHOP, group.address, async () => {
        meanwhile?.()
        return known
      })
    network.actInGroup(CLEO, group, { act: 'join' })
    await refound()
    expect(network.groups.find(SHOP, group.address)).toBe(group)
    group.untold--
    await refound(() => {
      network.actInGroup(CLEO, group, { act: 'leave' })
      group.untold--
    })
    expect(network.groups.find(SHOP, group.address)).toBe(group)
    await refound()
    expect(network.groups.find(SHOP, group.address)).toMatchObject({
      name: 'Older',
      onlyAdminsWrite: true,
      members: new Map([[SHOP, 'owner']]),
    })
  })
})

it('a newsletter reaches its followers, whose reading nobody is told', () => {
  const { time, network, send, told } = open()
  const { address } = network.groups.createNewsletter(SHOP, { name: 'News', description: undefined })
  expect(send(address)).toMatchObject({ kind: 'accepted' })
  time.advance(10_000)
  expect(told()).toEqual(['sent@0', 'delivered@500'])
  expect(network.stats().sends.total).toBe(3)
  expect(network.actInGroup(ANN, network.groups.find(SHOP, address) ?? expect.fail(), { act: 'leave' })).toMatchObject({ kind: 'refused' })
})

it('typing is seen until it ends, or the message comes', () => {
  const { network, send, time } = open()
  network.showTyping(SHOP, ANN, 5_000)
  expect(network.chat(SHOP, ANN)?.typingUntil).toBe(time.now() + 5_000)
  send(ANN)
  expect(network.chat(SHOP, ANN)?.typingUntil).toBe(0)
})
