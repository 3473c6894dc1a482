import { proto } from 'baileys'
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

it('somebody has a new phone: who wrote to them is told, and what is sent next can be opened', async () => {
  const ann = newNumber()
  await client.status(await client.send(jidOf(ann), { text: 'to the old one' }), 4)
  await client.incoming(web.network.reply(ann, shop, { content: { type: 'text', text: 'yes?' } }))
  web.server.changePhone(ann)
  await expect.poll(() => web.server.unacknowledged(shop)).toBe(0)
  const id = await client.send(jidOf(ann), { text: 'to the new one' })
  await client.status(id, 4)
  expect(web.network.chat(shop, ann)?.bubbles.get(id)).toMatchObject({ arrivals: 1 })
  expect(web.server.askedAgain(shop)).toBe(0)
})

it('a voice message was listened to', async () => {
  const id = await client.send(jidOf(newNumber()), { audio: Buffer.from('as if'), mimetype: 'audio/ogg', ptt: true, seconds: 1 })
  await client.status(id, 4)
  web.server.tellPlayed(shop, id)
  await client.status(id, proto.WebMessageInfo.Status.PLAYED)
})

it('a client keeps the token of somebody who trusts it, and shows it', async () => {
  const ann = newNumber()
  await client.status(await client.send(jidOf(ann), { text: 'hello' }), 4)
  web.server.tellTrust(shop, ann)
  const token = () => client.kept.get(`tctoken/${web.server.lid(ann)}`)
  await expect.poll(token).toBeDefined()
})

it('answers what a client asks about calls, presence and groups', async () => {
  const ann = newNumber()
  expect(await client.sock.createCallLink('video')).toMatch(/./)
  await client.sock.rejectCall('call-1', jidOf(ann))
  await client.sock.presenceSubscribe(jidOf(ann))
  await client.until(() => client.all('presence.update').some(({ presences }) => jidOf(ann) in presences))
  const { id: group } = await client.sock.groupCreate('Team', [jidOf(ann)])
  expect(await client.sock.groupRequestParticipantsUpdate(group, [jidOf(ann)], 'approve')).toEqual([{ status: '404', jid: jidOf(ann) }])
  const inviteMessage = { groupJid: group, inviteCode: 'other', inviteExpiration: 1 }
  await expect(client.sock.groupAcceptInviteV4(jidOf(ann), inviteMessage)).rejects.toThrow('not-acceptable')
  const inviteCode = (await client.sock.groupInviteCode(group)) ?? ''
  await client.sock.groupLeave(group)
  expect(await client.sock.groupAcceptInviteV4(jidOf(ann), { ...inviteMessage, inviteCode })).toBeDefined()
  expect(web.network.groups.find(shop, group)?.members.has(shop)).toBe(true)
})
