import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, openTestHouse, type TestHouse } from './house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(() => house.close())

// biome-ignore lint/suspicious/noExplicitAny: an answer as JSON gave it
type Json = any

const [ANA, BO, CY] = ['+12025550201', '+12025550202', '+12025550203']
const NOBODY = '+12025550002'

async function call(method: string, path: string, body?: unknown, status?: number): Promise<Json> {
  const told = await house.call<Json>(method, `/v2${path}`, { body })
  if (status !== undefined) expect({ method, path, status: told.status, body: told.body }).toMatchObject({ method, path, status })
  else expect({ method, path, ok: told.status < 300, body: told.body }).toMatchObject({ ok: true })
  return told.body
}
const found = (participants: string[], name = 'Team') => call('POST', '/groups', { name, participants }, 201)
const acts = (group: Json, phone: string, does: object, status = 201) =>
  call('POST', `/simulator/groups/${group.id}/acts`, { phone, ...does }, status)
const addresses = async (group: Json) =>
  ((await call('GET', `/groups/${group.id}/participants`)) as Json).data.map(({ address, role }: Json) => `${address} ${role}`)
const events = async (group: Json, ...types: string[]) =>
  (await call('GET', `/events?types=${types.join(',')}&limit=200`)).data.filter((event: Json) => event.data.groupId === group.id)
const reach = (id: string, state: string) =>
  eventually(async () => {
    const message = await call('GET', `/messages/${id}`)
    return message.state === state && message
  })

describe('what we do to a group', () => {
  test('founded with people, without whom WhatsApp does not know; shown, listed, found by name', async () => {
    const group = await found([ANA, BO, NOBODY, ANA], 'Delivery team')
    const own = house.firstRun.channels.ownNumber
    expect(group).toMatchObject({
      id: expect.stringMatching(/^grp_/),
      channelId: own.id,
      address: expect.stringMatching(/^\d+@g\.us$/),
      name: 'Delivery team',
      owner: own.number,
      participantCount: 3,
      leftAt: null,
      refused: [{ address: NOBODY, code: 'not_on_whatsapp' }],
    })
    expect(await addresses(group)).toEqual([`${ANA} member`, `${BO} member`, `${own.number} owner`].sort())
    expect(await call('GET', `/groups/${group.id}`)).toMatchObject({ id: group.id, participantCount: 3 })
    expect((await call('GET', '/groups?search=LIVERY')).data).toMatchObject([{ id: group.id }])
    expect((await call('GET', '/groups?search=nothing')).data).toEqual([])
    expect(await events(group, 'group.created')).toMatchObject([
      { data: { group: { name: 'Delivery team' }, change: { participants: expect.arrayContaining([ANA, BO]), by: own.number } } },
    ])
  })

  test('founded once by any number of requests under one key at the same time', async () => {
    const asked = { headers: { 'idempotency-key': 'found-once' }, body: { name: 'Only one', participants: [ANA] } }
    const answers = await Promise.all(Array.from({ length: 6 }, () => house.call<Json>('POST', '/v2/groups', asked)))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(5)
    expect((await call('GET', '/groups?search=Only%20one')).data).toHaveLength(1)
    const other = await house.call<Json>('POST', '/v2/groups', { ...asked, body: { name: 'Another', participants: [ANA] } })
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
  })

  test('a refusal leaves the key free', async () => {
    const headers = { 'idempotency-key': 'refused-first' }
    const refused = await house.call<Json>('POST', '/v2/groups', { headers, body: { name: 'x', participants: ['nobody'] } })
    expect(refused.status).toBe(422)
    expect((await house.call('POST', '/v2/groups', { headers, body: { name: 'x', participants: [ANA] } })).status).toBe(201)
  })

  test('changed, and told once: the same again is no news', async () => {
    const group = await found([ANA])
    const path = `/groups/${group.id}`
    const edit = { name: 'Crew', description: 'Routes', onlyAdminsWrite: true, onlyAdminsEdit: true }
    expect(await call('PATCH', path, edit)).toMatchObject(edit)
    expect(await call('PATCH', path, edit)).toMatchObject(edit)
    expect(await call('PATCH', path, { description: '' })).toMatchObject({ name: 'Crew', description: null })
    const told = await events(group, 'group.updated')
    expect(told.map(({ data }: Json) => [data.changed, data.change.was, data.change.isNow])).toEqual([
      [
        ['name', 'description', 'onlyAdminsWrite', 'onlyAdminsEdit'],
        { name: 'Team', description: null, onlyAdminsWrite: false, onlyAdminsEdit: false },
        edit,
      ],
      [['description'], { description: 'Routes' }, { description: null }],
    ])
  })

  test('people are added, made admins, removed', async () => {
    const group = await found([ANA])
    const path = `/groups/${group.id}/participants`
    expect(await call('POST', path, { participants: [BO, NOBODY, '+1 202 555 0201'] }, 200)).toMatchObject({
      participantCount: 3,
      refused: [{ address: NOBODY }],
    })
    await call('POST', path, { participants: [NOBODY] }, 422)
    await call('PATCH', `${path}/${encodeURIComponent(BO)}`, { role: 'admin' }, 200)
    expect(await addresses(group)).toContain(`${BO} admin`)
    await call('PATCH', `${path}/${BO}`, { role: 'member' }, 200)
    await call('DELETE', `${path}/${BO}`, undefined, 204)
    await call('DELETE', `${path}/${BO}`, undefined, 404)
    expect(await addresses(group)).toHaveLength(2)
    const told = await events(group, 'group.member_added', 'group.member_removed', 'group.admin_changed')
    expect(told.map(({ type, data }: Json) => [type, data.isAdmin, data.change.participants])).toEqual([
      ['group.member_added', undefined, [BO]],
      ['group.admin_changed', true, [BO]],
      ['group.admin_changed', false, [BO]],
      ['group.member_removed', undefined, [BO]],
    ])
  })

  test('a picture, and out of the group: nothing more can be done there', async () => {
    const group = await found([ANA])
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    expect(await call('PUT', `/groups/${group.id}/picture`, { media: { base64: png } }, 200)).toMatchObject({
      pictureId: expect.stringMatching(/^med_/),
    })
    await call('PUT', `/groups/${group.id}/picture`, { media: { base64: Buffer.from('%PDF-1.4 ').toString('base64') } }, 415)
    expect(await call('POST', `/groups/${group.id}/leave`, undefined, 200)).toMatchObject({
      leftAt: expect.any(String),
      participantCount: 1,
    })
    expect(await call('POST', `/groups/${group.id}/leave`, undefined, 200)).toMatchObject({ leftAt: expect.any(String) })
    await call('PATCH', `/groups/${group.id}`, { name: 'x' }, 409)
    expect((await call('GET', '/groups?limit=200')).data.map(({ id }: Json) => id)).not.toContain(group.id)
    expect((await call('GET', '/groups?limit=200&includeLeft=true')).data.map(({ id }: Json) => id)).toContain(group.id)
    const { id } = await call('POST', '/messages', { to: group.address, text: 'Still here?' }, 201)
    expect(await reach(id, 'failed')).toMatchObject({ state: 'failed' })
  })

  test('a channel over the Cloud API has none', async () => {
    const channelId = house.firstRun.channels.cloud.id
    expect(await call('POST', '/groups', { channelId, name: 'x', participants: [ANA] }, 422)).toMatchObject({ code: 'unsupported' })
    expect(await call('POST', '/newsletters', { channelId, name: 'x' }, 422)).toMatchObject({ code: 'unsupported' })
    expect(await call('POST', '/messages', { channelId, to: '120363000000000001@g.us', text: 'x' }, 422)).toMatchObject({
      code: 'unsupported',
    })
  })
})

describe('messages', () => {
  test('text and poll reach every phone in the group, and their receipts come back', async () => {
    const group = await found([ANA, BO])
    const text = await call('POST', '/messages', { to: group.address, text: 'Hello all' }, 201)
    const poll = await call(
      'POST',
      '/messages',
      { to: group.address, content: { type: 'poll', question: 'When?', options: ['Mon', 'Tue'], allowMultiple: false } },
      201,
    )
    await reach(text.id, 'read')
    await reach(poll.id, 'read')
    const { bubbles } = await call('GET', `/simulator/groups/${group.id}`)
    expect(bubbles).toMatchObject([
      { author: null, direction: 'to_phone', content: { text: 'Hello all' }, receivers: [ANA, BO], arrivals: 1 },
      { author: null, content: { type: 'poll' }, receivers: [ANA, BO] },
    ])
    const conversation = await call('GET', `/conversations/${text.conversationId}`)
    expect(conversation).toMatchObject({ address: group.address, contactId: null })
    expect(await call('GET', `/groups/${group.id}`)).toMatchObject({ lastMessageAt: expect.any(String) })
  })

  test('one phone that reads nothing keeps it at delivered', async () => {
    const group = await found([ANA, '+12025550004'])
    const { id } = await call('POST', '/messages', { to: group.address, text: 'Read?' }, 201)
    const { bubbles } = await eventually(async () => {
      const chat = await call('GET', `/simulator/groups/${group.id}`)
      return chat.bubbles[0]?.state === 'delivered' && chat
    })
    expect(bubbles).toHaveLength(1)
    expect((await reach(id, 'delivered')).readAt).toBeNull()
  })

  test('a phone writes into the group: one message with its author, in the conversation of the group', async () => {
    const group = await found([ANA, BO])
    await acts(group, BO, { act: 'write', text: 'On my way' })
    await acts(group, CY, { act: 'write', text: 'me too' }, 409)
    const { data } = await eventually(async () => {
      const page = await call('GET', '/messages?direction=in&limit=200')
      const ours = page.data.filter(({ content }: Json) => content.text === 'On my way')
      return ours.length > 0 && { data: ours }
    })
    expect(data).toMatchObject([{ author: BO, content: { type: 'text', text: 'On my way' } }])
    const conversation = await call('GET', `/conversations/${data[0].conversationId}`)
    expect(conversation).toMatchObject({ address: group.address, contactId: null, unread: 1 })
    await call('PATCH', `/groups/${group.id}`, { onlyAdminsWrite: true })
    await acts(group, BO, { act: 'write', text: 'hush' }, 409)
  })

  test('a phone that answers by itself answers in the group; STOP there is no opt-out', async () => {
    const group = await found(['+12025550003', '+12025550008'])
    await call('POST', '/messages', { to: group.address, text: 'Anybody?' }, 201)
    await eventually(async () =>
      (await call('GET', `/simulator/groups/${group.id}`)).bubbles.some(({ author }: Json) => author === '+12025550003'),
    )
  })

  test('a post in a newsletter reaches its followers', async () => {
    const newsletter = await call('POST', '/newsletters', { name: 'Shop news', description: 'Mondays' }, 201)
    expect(newsletter).toMatchObject({
      id: expect.stringMatching(/^nwl_/),
      address: expect.stringMatching(/^\d+@newsletter$/),
      subscribers: 3,
    })
    expect(await call('GET', `/newsletters/${newsletter.id}`)).toEqual(newsletter)
    expect((await call('GET', '/newsletters?search=shop')).data).toEqual([newsletter])
    const { id } = await call('POST', '/messages', { to: newsletter.address, text: 'New shoes' }, 201)
    await reach(id, 'delivered')
    const lost = await call('POST', '/messages', { to: '120363999999999999@newsletter', text: 'Into the void' }, 201)
    await reach(lost.id, 'failed')
  })
})

describe('what phones do to a group', () => {
  test('they join, leave, rename, promote and throw out; each is written and told', async () => {
    const group = await found([ANA, BO])
    await call('PATCH', `/groups/${group.id}/participants/${ANA}`, { role: 'admin' })
    await acts(group, CY, { act: 'join' })
    await acts(group, CY, { act: 'promote', phones: [BO] }, 409)
    await acts(group, CY, { act: 'leave' })
    await acts(group, ANA, { act: 'add', phones: [CY] })
    await acts(group, ANA, { act: 'promote', phones: [CY] })
    await acts(group, ANA, { act: 'remove', phones: [BO] })
    await acts(group, BO, { act: 'change', name: 'Mine' }, 409)
    await acts(group, CY, { act: 'change', name: 'Ours', description: 'All' })
    await eventually(async () => (await call('GET', `/groups/${group.id}`)).name === 'Ours')
    expect(await call('GET', `/groups/${group.id}`)).toMatchObject({ name: 'Ours', description: 'All', participantCount: 3 })
    expect(await addresses(group)).toEqual([`${ANA} admin`, `${CY} admin`, `${house.firstRun.channels.ownNumber.number} owner`].sort())
    const told = await events(
      group,
      'group.member_joined',
      'group.member_left',
      'group.member_added',
      'group.member_removed',
      'group.updated',
    )
    expect(told.map(({ type, data }: Json) => [type, data.change.by, data.change.participants])).toEqual([
      ['group.member_joined', CY, [CY]],
      ['group.member_left', CY, [CY]],
      ['group.member_added', ANA, [CY]],
      ['group.member_removed', ANA, [BO]],
      ['group.updated', CY, []],
    ])
  })

  test('an admin throws the channel out, and the group knows it', async () => {
    const group = await found([ANA])
    await call('PATCH', `/groups/${group.id}/participants/${ANA}`, { role: 'admin' })
    await acts(group, ANA, { act: 'remove', phones: [house.firstRun.channels.ownNumber.number] }, 409)
  })
})

test('who is erased has said nothing in a group either; the others have', async () => {
  const [dee, eve] = ['+12025550291', '+12025550292']
  const group = await found([dee, eve], 'Erased')
  for (const phone of [dee, eve]) await acts(group, phone, { act: 'write', text: `from ${phone}` })
  const said = async () =>
    (await call('GET', '/messages?direction=in&limit=200')).data.filter(({ author }: Json) => [dee, eve].includes(author))
  const messages = await eventually(async () => (await said()).length === 2 && said())
  const contactId = messages.find(({ author }: Json) => author === dee).contactId
  await call('DELETE', `/contacts/${contactId}?history=erase`, undefined, 204)
  expect((await said()).map(({ author }: Json) => author)).toEqual([eve])
})

test('groups of a contact, and nobody else\u2019s', async () => {
  const contact = await call('POST', '/contacts', { phone: '+12025550277', name: 'Dee' }, 201)
  const group = await found(['+12025550277'])
  await found([ANA])
  expect((await call('GET', `/contacts/${contact.id}/groups`)).data).toMatchObject([{ id: group.id }])
  expect((await call('GET', `/groups/${group.id}/participants`)).data).toContainEqual(
    expect.objectContaining({ address: '+12025550277', name: 'Dee' }),
  )
})

test('typing is shown before a text leaves; it is kept at once, and what comes after it waits its turn', async () => {
  const chat = '/simulator/phones/+12025550281'
  const typed = house.call<Json>('POST', '/v1/messages/12025550281@c.us', {
    key: house.firstRun.keys.blueticks,
    body: { type: 'text', text: 'typed', typingSeconds: 1.5 },
  })
  await eventually(async () => (await call('GET', chat)).typing)
  const { data } = await call('GET', '/messages?address=%2B12025550281')
  expect(data).toMatchObject([{ state: 'queued', content: { text: 'typed' }, sendAt: null }])
  await call('POST', '/messages', { to: '+12025550281', text: 'after it' }, 201)
  expect((await call('GET', chat)).bubbles).toEqual([])
  expect(await typed).toMatchObject({ status: 201, body: { data: { status: expect.stringMatching(/confirmed|received|read/) } } })
  const { bubbles, typing } = await eventually(async () => {
    const seen = await call('GET', chat)
    return seen.bubbles.length === 2 && seen
  })
  expect(bubbles.map(({ content }: Json) => content.text)).toEqual(['typed', 'after it'])
  expect(typing).toBe(false)
})

test('after a restart a group is founded again from its row', async () => {
  const group = await found([ANA, BO])
  const newsletter = await call('POST', '/newsletters', { name: 'Kept' }, 201)
  await house.restart()
  const text = await call('POST', '/messages', { to: group.address, text: 'And now?' }, 201)
  const post = await call('POST', '/messages', { to: newsletter.address, text: 'And now?' }, 201)
  await reach(text.id, 'read')
  await reach(post.id, 'delivered')
  await acts(group, BO, { act: 'write', text: 'Here' })
  expect((await call('GET', `/simulator/groups/${group.id}`)).bubbles[0]).toMatchObject({ receivers: [ANA, BO] })
  expect(await call('PATCH', `/groups/${group.id}`, { name: 'Again' })).toMatchObject({ name: 'Again', participantCount: 3 })
})
