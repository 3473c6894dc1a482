import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, jidOf, newNumber, openWeb } from './client.fixture.ts'

const shop = newNumber()
let web: Awaited<ReturnType<typeof openWeb>>
let client: Client
beforeAll(async () => {
  web = await openWeb()
  client = await web.link(shop)
})
afterAll(() => web.close())
const text = (words: string) => ({ type: 'text' as const, text: words })
const groupOf = (address: string) => {
  const group = web.network.groups.find(shop, address)
  if (!group) throw new Error(`no group ${address}`)
  return group
}
const lidOf = (number: string) => web.server.lid(number)
/** Receipts that come while the message is told are folded into it. */
const readers = (id: string) => {
  const alone = client.all('message-receipt.update').flat()
  const folded = client
    .all('messages.upsert')
    .flatMap(({ messages }) => messages.flatMap(({ key, userReceipt }) => (userReceipt ?? []).map((receipt) => ({ key, receipt }))))
  const read = [...folded, ...alone].filter(({ key, receipt }) => key.id === id && receipt.readTimestamp)
  return [...new Set(read.map(({ receipt }) => receipt.userJid))].sort()
}
const bubble = (group: string, id: string) => web.network.chat(shop, group)?.bubbles.get(id)
/** The notices of a group, by the number of WhatsApp's list of them. */
const notices = (group: string) =>
  client
    .all('messages.upsert')
    .flatMap(({ messages }) => messages.filter(({ key, messageStubType }) => key.remoteJid === group && messageStubType))

it('founds a group without those who are not on WhatsApp, and changes it', async () => {
  const [ann, bob, absent] = [newNumber(), newNumber(), newNumber('0002')]
  const founded = await client.sock.groupCreate('Team', [ann, bob, absent].map(jidOf))
  expect(founded).toMatchObject({ subject: 'Team', addressingMode: 'lid', ownerPn: jidOf(shop), size: 3 })
  expect(founded.participants.map(({ phoneNumber, admin }) => [phoneNumber, admin])).toEqual([
    [jidOf(shop), 'superadmin'],
    [jidOf(ann), null],
    [jidOf(bob), null],
  ])
  const { id } = founded
  await client.sock.groupUpdateSubject(id, 'The team')
  await client.sock.groupUpdateDescription(id, 'Who does what')
  await client.sock.groupSettingUpdate(id, 'announcement')
  await client.sock.groupSettingUpdate(id, 'locked')
  expect(await client.sock.groupParticipantsUpdate(id, [jidOf(ann)], 'promote')).toMatchObject([{ status: '200' }])
  expect(await client.sock.groupParticipantsUpdate(id, [jidOf(bob)], 'remove')).toMatchObject([{ status: '200' }])
  expect(await client.sock.groupParticipantsUpdate(id, [jidOf(absent)], 'add')).toMatchObject([{ status: '404' }])
  const metadata = await client.sock.groupMetadata(id)
  expect(metadata).toMatchObject({ subject: 'The team', desc: 'Who does what', announce: true, restrict: true, size: 2 })
  expect(Object.keys(await client.sock.groupFetchAllParticipating())).toContain(id)
  const code = await client.sock.groupInviteCode(id)
  expect(await client.sock.groupGetInviteInfo(code ?? '')).toMatchObject({ id })
  expect(await client.sock.groupRevokeInvite(id)).not.toBe(code)
  await expect(client.sock.groupGetInviteInfo(code ?? '')).rejects.toThrow('not-acceptable')
  await client.sock.groupLeave(id)
  expect(groupOf(id).members.has(shop)).toBe(false)
  await expect(client.sock.groupMetadata(id)).rejects.toThrow('forbidden')
  await expect(client.sock.groupMetadata('120363000000000000@g.us')).rejects.toThrow('item-not-found')
  await client.until(() => notices(id).length >= 7)
})

it('carries messages into a group and out of it', async () => {
  const [ann, bob] = [newNumber(), newNumber()]
  const { id: group } = await client.sock.groupCreate('Chat', [ann, bob].map(jidOf))
  const first = await client.send(group, { text: 'all of you' })
  expect(await client.ack(first)).not.toHaveProperty('error')
  await expect.poll(() => readers(first)).toEqual([ann, bob].map(lidOf).sort())
  expect(bubble(group, first)).toMatchObject({ content: text('all of you'), receivers: [ann, bob] })
  const second = await client.send(group, { text: 'and again' })
  await client.ack(second)
  expect(bubble(group, second)).toMatchObject({ content: text('and again') })

  const reply = web.network.reply(ann, shop, { content: text('here'), group, contextWireId: first })
  const { message } = await client.incoming(reply)
  expect(message).toMatchObject({
    key: { remoteJid: group, participant: lidOf(ann), participantAlt: jidOf(ann), fromMe: false },
    message: { extendedTextMessage: { text: 'here', contextInfo: { stanzaId: first } } },
  })
  const more = await client.incoming(web.network.reply(ann, shop, { content: text('more'), group }))
  expect(more.message.message?.conversation).toBe('more')
  await client.sock.readMessages([message.key])
  await expect.poll(() => bubble(group, reply)?.state).toBe('read')
})

it('the other devices of the writer see what it writes in a group', async () => {
  const other = await web.link(shop)
  const { id: group } = await client.sock.groupCreate('Ours', [jidOf(newNumber())])
  for (const words of ['one', 'two']) {
    const { message } = await other.incoming(await client.send(group, { text: words }))
    expect(message).toMatchObject({ key: { remoteJid: group, fromMe: true }, message: { extendedTextMessage: { text: words } } })
  }
})

it('somebody who comes later, or cannot open a message, is given the key', async () => {
  const [ann, late] = [newNumber(), newNumber()]
  const { id: group } = await client.sock.groupCreate('Late', [jidOf(ann)])
  await client.ack(await client.send(group, { text: 'before' }))
  await client.sock.groupParticipantsUpdate(group, [jidOf(late)], 'add')
  web.server.faults.failDecrypt(ann, 1)
  const id = await client.send(group, { text: 'after' })
  await client.ack(id)
  await expect.poll(() => bubble(group, id)?.receivers).toEqual([ann, late])
  await expect.poll(() => bubble(group, id)?.arrivals).toBe(2)
})

it('what people do in a group is told', async () => {
  const [ann, bob] = [newNumber(), newNumber()]
  const { id: group } = await client.sock.groupCreate('Told', [jidOf(ann)])
  web.network.actInGroup(shop, groupOf(group), { act: 'promote', people: [ann] })
  web.network.actInGroup(ann, groupOf(group), { act: 'add', people: [bob] })
  web.network.actInGroup(ann, groupOf(group), { act: 'change', name: 'Renamed', onlyAdminsWrite: true })
  web.network.actInGroup(bob, groupOf(group), { act: 'leave' })
  await client.until(() => notices(group).length >= 6)
  expect(await client.sock.groupMetadata(group)).toMatchObject({ subject: 'Renamed', announce: true, size: 2 })
  const refused = await client.send(group, { text: 'as an admin' })
  expect(await client.ack(refused)).not.toHaveProperty('error')
  web.network.actInGroup(ann, groupOf(group), { act: 'remove', people: [bob] })
})

it('founds newsletters, posts to them and reacts there', async () => {
  const newsletter = await client.sock.newsletterCreate('News', 'What is new')
  expect(newsletter).toMatchObject({ name: 'News', description: 'What is new', subscribers: 3 })
  const id = await client.send(newsletter.id, { text: 'Hello readers' })
  expect(await client.ack(id)).toMatchObject({ server_id: '1' })
  expect(bubble(newsletter.id, id)?.content).toEqual(text('Hello readers'))
  await client.sock.newsletterReactMessage(newsletter.id, '1', '🎉')
  await expect.poll(() => bubble(newsletter.id, id)?.reactions.business).toBe('🎉')
  expect(await client.sock.newsletterMetadata('jid', newsletter.id)).toMatchObject({ id: newsletter.id })
  await client.sock.newsletterUpdateName(newsletter.id, 'Newer')
  expect(web.network.groups.newsletter(newsletter.id)?.name).toBe('Newer')
  await expect(client.sock.newsletterMetadata('jid', '1@newsletter')).rejects.toThrow('Not found')
  const other = await web.link(newNumber())
  await other.sock.newsletterFollow(newsletter.id)
  expect(await other.sock.newsletterMetadata('invite', newsletter.invite ?? '')).toMatchObject({ viewer_metadata: { role: 'SUBSCRIBER' } })
  await other.sock.newsletterUnfollow(newsletter.id)
})
