import { createHash } from 'node:crypto'
import { decryptPollVote, downloadMediaMessage, proto } from 'baileys'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { InboundContent } from '#core/content'
import { type Client, jidOf, newNumber, openWeb } from './client.fixture.ts'

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const shop = newNumber()
let web: Awaited<ReturnType<typeof openWeb>>
let client: Client
beforeAll(async () => {
  web = await openWeb()
  client = await web.link(shop)
})
afterAll(() => web.close())

const bubble = (phone: string, id: string) => web.network.chat(shop, phone)?.bubbles.get(id)
const fileOf = (phone: string, id: string) => {
  const content = bubble(phone, id)?.content
  return content && 'remoteMedia' in content ? web.network.files.get(content.remoteMedia.id ?? '')?.bytes : undefined
}
const reply = (phone: string, content: InboundContent, contextWireId?: string) => web.network.reply(phone, shop, { content, contextWireId })

it('keeps the id that a client chose: sent again it is the same bubble', async () => {
  const ann = newNumber()
  const messageId = `3EB0${createHash('sha256').update('row 42').digest('hex').slice(0, 18).toUpperCase()}`
  for (let times = 0; times < 2; times++) await client.send(jidOf(ann), { text: 'pay me' }, { messageId })
  await expect.poll(() => bubble(ann, messageId)?.arrivals).toBe(2)
  expect(web.network.stats().sends).toMatchObject({ twice: 0 })
})

it('carries files of every kind out', async () => {
  const ann = newNumber()
  const image = await client.send(jidOf(ann), { image: PNG, caption: 'a dot' })
  const document = await client.send(jidOf(ann), { document: PNG, mimetype: 'application/pdf', fileName: 'a.pdf', caption: 'bill' })
  const voice = await client.send(jidOf(ann), { audio: PNG, mimetype: 'audio/ogg; codecs=opus', ptt: true, seconds: 1 })
  const audio = await client.send(jidOf(ann), { audio: PNG, mimetype: 'audio/mpeg', seconds: 1 })
  const sticker = await client.send(jidOf(ann), { sticker: PNG })
  const video = await client.send(jidOf(ann), { video: PNG, mimetype: 'video/mp4', jpegThumbnail: '' })
  for (const id of [image, document, voice, audio, sticker, video]) await client.status(id, 3)
  for (const id of [image, document, voice, audio, sticker, video]) expect(fileOf(ann, id)).toEqual(PNG)
  expect([image, document, voice, audio, sticker, video].map((id) => bubble(ann, id)?.content)).toMatchObject([
    { type: 'image', caption: 'a dot' },
    { type: 'document', filename: 'a.pdf', caption: 'bill', remoteMedia: { mimeType: 'application/pdf' } },
    { type: 'voice' },
    { type: 'audio' },
    { type: 'sticker' },
    { type: 'video' },
  ])
})

it('carries files of every kind in', async () => {
  const ann = newNumber()
  for (const type of ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const) {
    const { id } = web.network.files.put({ bytes: PNG, mimeType: 'image/png', filename: 'dot.png', owner: shop })
    const { message } = await client.incoming(reply(ann, { type, remoteMedia: { id }, caption: 'look' }))
    expect(await downloadMediaMessage(message, 'buffer', {})).toEqual(PNG)
  }
})

it('carries places, contacts and polls both ways', async () => {
  const ann = newNumber()
  const place = await client.send(jidOf(ann), { location: { degreesLatitude: 52.5, degreesLongitude: 13.4, name: 'Berlin' } })
  const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Bob B\nN:B;Bob;;;\nTEL;type=CELL;waid=15550000001:+1 555 000 0001\nEND:VCARD'
  const card = await client.send(jidOf(ann), { contacts: { displayName: 'Bob B', contacts: [{ displayName: 'Bob B', vcard }] } })
  const cards = await client.send(jidOf(ann), { contacts: { displayName: '2', contacts: [{ vcard }, { vcard }] } })
  for (const id of [place, card, cards]) await client.status(id, 3)
  expect(bubble(ann, place)?.content).toEqual({ type: 'location', latitude: 52.5, longitude: 13.4, name: 'Berlin' })
  const bob = {
    name: { formatted: 'Bob B', first: 'Bob', last: 'B' },
    phones: [{ phone: '+1 555 000 0001', type: 'CELL', waId: '15550000001' }],
  }
  expect(bubble(ann, card)?.content).toMatchObject({ type: 'contacts', contacts: [bob] })
  expect(bubble(ann, cards)?.content).toMatchObject({ contacts: [bob, bob] })

  const there = await client.incoming(reply(ann, { type: 'location', latitude: 1, longitude: 2, address: 'Here' }))
  expect(there.message.message?.locationMessage).toMatchObject({ degreesLatitude: 1, degreesLongitude: 2, address: 'Here' })
  const one = await client.incoming(reply(ann, { type: 'contacts', contacts: [bob] }))
  expect(one.message.message?.contactMessage).toMatchObject({ displayName: 'Bob B', vcard: expect.stringContaining('waid=15550000001') })
  const poll = await client.incoming(reply(ann, { type: 'poll', question: 'When?', options: ['Mon', 'Tue'], allowMultiple: false }))
  expect(poll.message.message?.pollCreationMessageV3).toMatchObject({ name: 'When?', selectableOptionsCount: 1 })
})

it('polls are sent, and votes are sealed with their secret', async () => {
  const ann = newNumber()
  const sent = await client.sock.sendMessage(jidOf(ann), { poll: { name: 'When?', values: ['Mon', 'Tue'], selectableCount: 1 } })
  const id = sent?.key.id ?? ''
  await client.status(id, 3)
  expect(bubble(ann, id)?.content).toEqual({ type: 'poll', question: 'When?', options: ['Mon', 'Tue'], allowMultiple: false })
  const { message } = await client.incoming(web.network.vote(ann, shop, { wireId: id, options: ['Tue'] }))
  const update = message.message?.pollUpdateMessage
  expect(update?.pollCreationMessageKey).toMatchObject({ id, fromMe: true })
  const vote = decryptPollVote(update?.vote ?? {}, {
    pollCreatorJid: jidOf(shop),
    pollMsgId: id,
    pollEncKey: sent?.message?.messageContextInfo?.messageSecret ?? Buffer.alloc(0),
    voterJid: jidOf(ann),
  })
  expect(vote.selectedOptions.map((option) => Buffer.from(option).toString('hex'))).toEqual([
    createHash('sha256').update('Tue').digest('hex'),
  ])
})

it('quotes, mentions and previews reach the phone', async () => {
  const ann = newNumber()
  const asked = await client.incoming(reply(ann, { type: 'text', text: 'Open?' }))
  const id = await client.send(jidOf(ann), { text: 'Yes, @1 https://example.com', mentions: [jidOf(ann)] }, { quoted: asked.message })
  await client.status(id, 3)
  expect(bubble(ann, id)?.contextWireId).toBe(asked.message.key.id)
  expect(web.server.message(id)?.extendedTextMessage?.contextInfo?.mentionedJid).toEqual([jidOf(ann)])
})

it('reactions, edits, revocations and pins go both ways', async () => {
  const ann = newNumber()
  const id = await client.send(jidOf(ann), { text: 'first' })
  await client.status(id, 3)
  const theirs = await client.incoming(reply(ann, { type: 'text', text: 'theirs' }))
  const key = { remoteJid: jidOf(ann), fromMe: true, id }
  await client.send(jidOf(ann), { react: { text: '👍', key: theirs.message.key } })
  await client.send(jidOf(ann), { text: 'second', edit: key })
  await client.send(jidOf(ann), { pin: key, type: proto.PinInChat.Type.PIN_FOR_ALL, time: 86_400 })
  await expect.poll(() => bubble(ann, theirs.message.key.id ?? '')?.reactions.business).toBe('👍')
  await expect.poll(() => bubble(ann, id)?.content).toEqual({ type: 'text', text: 'second' })
  await expect.poll(() => (bubble(ann, id)?.pinnedUntil ?? 0) > Date.now()).toBe(true)
  await client.send(jidOf(ann), { delete: key })
  await expect.poll(() => bubble(ann, id)?.content.type).toBe('revoke')

  const second = await client.send(jidOf(ann), { text: 'again' })
  await client.status(second, 3)
  const reaction = await client.incoming(web.network.react(ann, shop, { wireId: second, emoji: '❤️' }))
  expect(reaction.message.message?.reactionMessage).toMatchObject({ text: '❤️', key: { id: second, fromMe: true } })
  const edit = await client.incoming(web.network.edit(ann, shop, { wireId: theirs.message.key.id ?? '', text: 'changed' }))
  expect(edit.message.message?.protocolMessage).toMatchObject({
    key: { id: theirs.message.key.id },
    editedMessage: { conversation: 'changed' },
  })
  const pin = await client.incoming(web.network.pin(ann, shop, { wireId: second, pinned: true, seconds: 604_800 }))
  expect(pin.message.message?.pinInChatMessage).toMatchObject({ key: { id: second } })
  const revocation = await client.incoming(web.network.revoke(ann, shop, { wireId: theirs.message.key.id ?? '' }))
  expect(revocation.message.message?.protocolMessage?.type).toBe(proto.Message.ProtocolMessage.Type.REVOKE)
})

it('a device reads, and shows that it types', async () => {
  const ann = newNumber()
  const { message } = await client.incoming(reply(ann, { type: 'text', text: 'read me' }))
  await client.sock.readMessages([message.key])
  await expect.poll(() => bubble(ann, message.key.id ?? '')?.state).toBe('read')
  await client.sock.sendPresenceUpdate('composing', jidOf(ann))
  await expect.poll(() => (web.network.chat(shop, ann)?.typingUntil ?? 0) > Date.now()).toBe(true)
  await client.sock.sendPresenceUpdate('paused', jidOf(ann))
  await expect.poll(() => (web.network.chat(shop, ann)?.typingUntil ?? 0) > Date.now()).toBe(false)
})

it('what the owner writes on the phone itself comes to the device as its own', async () => {
  const ann = newNumber()
  const id = await web.server.ownMessage(shop, ann, { type: 'text', text: 'from my pocket' })
  const { message } = await client.incoming(id)
  expect(message).toMatchObject({ key: { fromMe: true, remoteJid: jidOf(ann) }, message: { conversation: 'from my pocket' } })
  expect(bubble(ann, id)).toMatchObject({ direction: 'to_phone' })
  await client.status(id, 4)
})

it('people are named by a LID, with their number or without', async () => {
  const [zoe, anonymous] = [newNumber(), newNumber()]
  web.server.faults.address(zoe, 'lid')
  web.server.faults.address(anonymous, 'lid only')
  const known = await client.incoming(reply(zoe, { type: 'text', text: 'by LID' }))
  expect(known.message.key).toMatchObject({ remoteJid: expect.stringMatching(/@lid$/), remoteJidAlt: jidOf(zoe) })
  const id = await client.send(known.message.key.remoteJid ?? '', { text: 'answer' })
  await client.status(id, 4)
  expect(bubble(zoe, id)?.content).toMatchObject({ text: 'answer' })
  const hidden = await client.incoming(reply(anonymous, { type: 'text', text: 'who am I' }))
  expect(hidden.message.key.remoteJid).toMatch(/@lid$/)
  expect(hidden.message.key.remoteJidAlt).toBeUndefined()
  const back = await client.send(hidden.message.key.remoteJid ?? '', { text: 'hello you' })
  await client.status(back, 3)
})

it('says who is on WhatsApp; a message to somebody who is not never arrives', async () => {
  const [ann, absent] = [newNumber(), newNumber('0002')]
  expect(await client.sock.onWhatsApp(ann, absent)).toEqual([{ jid: jidOf(ann), exists: true }])
  const id = await client.send(jidOf(absent), { text: 'anybody?' })
  expect(await client.ack(id)).not.toHaveProperty('error')
  expect(web.network.chat(shop, absent)).toBeUndefined()
})

it('magic numbers do on this road what they do on the others', async () => {
  const answers = newNumber('0003')
  await client.send(jidOf(answers), { text: 'Shall we?' })
  await client.until(() =>
    client.all('messages.upsert').some(({ messages }) => messages.some(({ key }) => key.remoteJid === jidOf(answers) && !key.fromMe)),
  )
  const fails = await client.send(jidOf(newNumber('0005')), { text: 'x' })
  await client.until(() => client.acks.some((ack) => ack.id === fails && ack.error === '406'))
  const throttled = await client.send(jidOf(newNumber('0006')), { text: 'x' })
  expect(await client.ack(throttled)).toMatchObject({ error: '429' })
})

it('a photo and the words after it come in that order', async () => {
  const ann = newNumber()
  const { id } = web.network.files.put({ bytes: Buffer.alloc(2_000_000), mimeType: 'image/png', owner: ann })
  const photo = reply(ann, { type: 'image', remoteMedia: { id } })
  const words = reply(ann, { type: 'text', text: 'this one' })
  await Promise.all([client.incoming(photo), client.incoming(words)])
  const order = client.all('messages.upsert').flatMap(({ messages }) => messages.map(({ key }) => key.id))
  expect(order.filter((one) => one === photo || one === words)).toEqual([photo, words])
})
