import { randomBytes } from 'node:crypto'
import * as baileys from 'baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Content, RemoteMedia } from '#core/content'
import type { Incoming, Outgoing, TransportChannel, TransportMedia } from '#core/transport'
import { sha256 } from '#kit/crypto'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { openOperatorClient } from '#kit/operator-client'
import { type Client, newNumber, openWeb } from '../../src/simulator/web/client.fixture.ts'
import { openAcks } from '../../src/transports/web/acks.ts'
import { composeMessage } from '../../src/transports/web/compose.ts'
import { openGroupRoad } from '../../src/transports/web/group-road.ts'
import { meOf } from '../../src/transports/web/groups.wire.ts'
import { type Heard, hearSession } from '../../src/transports/web/hear.ts'
import { keepMessages } from '../../src/transports/web/keep-messages.ts'
import type { LiveSession } from '../../src/transports/web/live-session.ts'
import { openMediaFetcher } from '../../src/transports/web/media-fetcher.ts'
import { openNewsletterRoad } from '../../src/transports/web/newsletter-road.ts'
import { outcomeOfAck } from '../../src/transports/web/outcomes.ts'
import { parseEnvelope } from '../../src/transports/web/parse.ts'
import { openPeopleRoad } from '../../src/transports/web/people-road.ts'
import { toReceipts } from '../../src/transports/web/receipts.wire.ts'
import { findRecipients } from '../../src/transports/web/recipients.ts'
import { openTeller } from '../../src/transports/web/teller.ts'
import { writeMessage } from '../../src/transports/web/write-message.ts'

const SHOP = newNumber()
const CHANNEL: TransportChannel = { id: newId(), workspaceId: newId(), kind: 'web', number: SHOP, settings: {}, credentials: {} }
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

let web: Awaited<ReturnType<typeof openWeb>>
let client: Client
let session: LiveSession
const kept: Buffer[] = []
const told: Partial<Incoming>[] = []
const tellerTo = (told: Partial<Incoming>[]) => openTeller({ tell: async (incoming) => told.push(incoming) > 0, log: openLog('silent') })
let heardOf: Heard

const files = openMediaFetcher((origin) => openOperatorClient({ origin, connections: 2 }))
const sessionOf = () => session
const people = openPeopleRoad(sessionOf, async () => undefined)
const fetchMedia = async (media: RemoteMedia) => files.fetch({ baileys, host: await people.mediaHost(CHANNEL) }, media)
const groups = openGroupRoad(sessionOf)
const newsletters = openNewsletterRoad(sessionOf)

beforeAll(async () => {
  let linked: Client | undefined
  web = await openWeb()
  const keeping = keepMessages({
    baileys,
    me: () => linked && { id: linked.sock.user?.id ?? '', lid: linked.sock.user?.lid },
    keep: async (body) => void kept.push(body),
    cut: () => undefined,
  })
  linked = await web.link(SHOP, { socket: { makeSignalRepository: keeping.makeSignalRepository } })
  client = linked
  client.sock.ws.on('CB:message', keeping.watch)
  const acks = openAcks()
  client.sock.ws.on('CB:ack,class:message', ({ attrs }: baileys.BinaryNode) => acks.heard(attrs))
  session = {
    channel: CHANNEL,
    baileys,
    socket: client.sock,
    acks,
    mayWrite: () => true,
    secretOf: (wireId) => sha256(`secret of ${wireId}`),
  }
  heardOf = hearSession(session, tellerTo(told))
  client.sock.ev.emit('connection.update', { receivedPendingNotifications: true }) // it was told before we listened
  client.sock.ws.on('CB:receipt', (node: baileys.BinaryNode) => void told.push({ receipts: toReceipts(node, meOf(session)) }))
})
afterAll(async () => {
  people.close()
  await files.close()
  await web.close()
  expect(web.server.askedAgain()).toBe(0)
})

const POLL = { question: 'When?', options: ['Now', 'Later'] }
const book = { poll: async (wireId: string) => ({ options: POLL.options, secret: session.secretOf(wireId) }) }

const stored = (mimeType: string, bytes: Buffer): TransportMedia => ({
  id: newId(),
  mimeType,
  size: bytes.length,
  filename: 'a file',
  sha256: sha256(bytes).toString('hex'),
  read: async () => bytes,
})

const outgoingTo = (to: string, content: Content): Outgoing => ({
  messageId: newId(),
  attempt: 1,
  to,
  content,
  media: undefined,
  wireId: newWireId(),
  targetWireId: undefined,
  callbackData: '',
})

/** Composes, writes, and waits for the network's word. */
async function send(to: string, content: Content, more: Partial<Outgoing> = {}) {
  const wireId = more.wireId ?? newWireId()
  const outgoing = { ...outgoingTo(to, content), ...more, wireId }
  const composed = await composeMessage(session, outgoing)
  if ('outcome' in composed) return composed
  await session.socket.relayMessage(composed.jid, composed.message, composed.relay)
  return { wireId, outcome: outcomeOfAck(await client.ack(wireId)) }
}
const sent = async (...told: Parameters<typeof send>): Promise<string> => {
  const answer = await send(...told)
  expect(answer.outcome).toMatchObject({ kind: 'accepted' })
  return 'wireId' in answer ? answer.wireId : ''
}
const newWireId = () => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`
const ours = (to: string, wireId: string) => ({ to, wireId, fromMe: true, author: undefined })
const bubble = (phone: string, wireId: string) => web.network.chat(SHOP, phone)?.bubbles.get(wireId)

/** A message over which whoever reads it stumbles. */
const unreadable = () =>
  new Proxy(
    {},
    {
      get() {
        throw new RangeError('too deep')
      },
    },
  )

/** What was heard, once it is there. */
const heard = async (wireId: string) => {
  for (;;) {
    const all = await Promise.all(kept.map((body) => parseEnvelope(baileys, book, body)))
    const found = all.flatMap(({ messages }) => messages).find((message) => message.wireId === wireId)
    if (found) return found
    await client.incoming(wireId)
  }
}
const wrote = (phone: string, ...[message]: Parameters<typeof web.network.reply> extends [string, string, infer M] ? [M] : never) =>
  heard(web.network.reply(phone, SHOP, message))

describe('what we send is what a phone shows', () => {
  test.each<[string, Content]>([
    ['a text', { type: 'text', text: 'Hi https://example.com' }],
    ['a place', { type: 'location', latitude: 1.5, longitude: 2.5, name: 'Here' }],
    ['a poll', { type: 'poll', ...POLL, allowMultiple: false }],
  ])('%s', async (_, content) => {
    const ann = newNumber()
    const wireId = await sent(ann, content)
    expect(bubble(ann, wireId)?.content).toMatchObject(content.type === 'text' ? { type: 'text', text: content.text } : content)
  })

  test.each([
    ['image', 'image/png', 'image', PIXEL],
    ['image', 'image/tiff', 'document', Buffer.from('no picture that phones show')],
    ['video', 'video/mp4', 'video', Buffer.from('as if')],
    ['audio', 'audio/mpeg', 'audio', Buffer.from('as if')],
    ['voice', 'audio/ogg', 'voice', Buffer.from('as if')],
    ['sticker', 'image/webp', 'sticker', Buffer.from('as if')],
    ['document', 'application/pdf', 'document', Buffer.alloc(200_000, 7)],
  ] as const)('%s of type %s as %s, whole', async (type, mimeType, shown, bytes) => {
    const ann = newNumber()
    const caption = type === 'image' || type === 'document' ? { caption: 'Look' } : {}
    const wireId = await sent(ann, { type, mediaId: newId(), ...caption } as Content, { media: stored(mimeType, bytes) }) // the four kinds with captions and the three without
    const content = bubble(ann, wireId)?.content
    expect(content).toMatchObject({ type: shown, ...caption })
    const id = content && 'remoteMedia' in content ? (content.remoteMedia.id ?? '') : ''
    expect(web.network.files.get(id)?.bytes.equals(bytes)).toBe(true)
  })

  test('a reply and a reaction, with their message', async () => {
    const ann = newNumber()
    const question = await wrote(ann, { content: { type: 'text', text: 'When?' } })
    const target = { fromMe: false, author: undefined, content: question.content }
    const reply = await sent(ann, { type: 'text', text: 'Now' }, { targetWireId: question.wireId, target })
    expect(bubble(ann, reply)?.contextWireId).toBe(question.wireId)
    await sent(ann, { type: 'reaction', messageId: newId(), emoji: '👍' }, { targetWireId: question.wireId, target })
    expect(bubble(ann, question.wireId)?.reactions.business).toBe('👍')
  })

  test('the same message again is the same bubble', async () => {
    const ann = newNumber()
    const wireId = await sent(ann, { type: 'poll', ...POLL, allowMultiple: true })
    await sent(ann, { type: 'poll', ...POLL, allowMultiple: true }, { wireId })
    expect(web.network.chat(SHOP, ann)?.bubbles.size).toBe(1)
  })

  test('nothing is written to who is not on WhatsApp', async () => {
    expect(await send(newNumber('0002'), { type: 'text', text: 'Hi' })).toEqual({
      outcome: expect.objectContaining({ kind: 'rejected', code: 'not_on_whatsapp' }),
    })
  })

  test('a refusal is told as what it means', async () => {
    const ann = newNumber()
    web.server.faults.refuseMessages(ann, 463)
    expect((await send(ann, { type: 'text', text: 'Hi' })).outcome).toMatchObject({ kind: 'rejected', code: 'reachout_locked' })
  })
})

describe('what people do is heard', () => {
  test('texts, answers, edits, revocations, reactions, pins', async () => {
    const ann = newNumber()
    const phone = { phone: ann, waId: ann.slice(1) }
    const ours = await sent(ann, { type: 'text', text: 'Hello' })
    const answer = await wrote(ann, { content: { type: 'text', text: 'Hi' }, contextWireId: ours })
    expect(answer).toMatchObject({ from: phone, content: { type: 'text', text: 'Hi' }, repliesTo: ours })
    const { wireId } = answer
    expect((await heard(web.network.edit(ann, SHOP, { wireId, text: 'Ho' }))).content).toMatchObject({
      type: 'edit',
      wireId,
      content: { text: 'Ho' },
    })
    expect((await heard(web.network.react(ann, SHOP, { wireId: ours, emoji: '❤' }))).content).toEqual({
      type: 'reaction',
      wireId: ours,
      emoji: '❤',
    })
    expect((await heard(web.network.pin(ann, SHOP, { wireId: ours, pinned: true }))).content).toMatchObject({
      type: 'pin',
      wireId: ours,
      pinned: true,
    })
    expect((await heard(web.network.revoke(ann, SHOP, { wireId }))).content).toEqual({ type: 'revoke', wireId })
  })

  test('a vote on a poll of ours', async () => {
    const ann = newNumber()
    const poll = await sent(ann, { type: 'poll', ...POLL, allowMultiple: false })
    const vote = await heard(web.network.vote(ann, SHOP, { wireId: poll, options: ['Later'] }))
    expect(vote.content).toEqual({ type: 'poll_vote', wireId: poll, options: ['Later'] })
  })

  test('a file, fetched and opened', async () => {
    const ann = newNumber()
    const bytes = randomBytes(100_001)
    const { id } = web.network.files.put({ bytes, mimeType: 'image/jpeg', owner: ann })
    const { content } = await wrote(ann, { content: { type: 'image', remoteMedia: { id }, caption: 'Look' } })
    if (!('remoteMedia' in content)) throw new Error('no file')
    expect(content).toMatchObject({ type: 'image', caption: 'Look', remoteMedia: { mimeType: 'image/jpeg', size: bytes.length } })
    const fetched = await fetchMedia(content.remoteMedia)
    expect(fetched.bytes.equals(bytes)).toBe(true)
    const forged = Buffer.from(content.remoteMedia.id ?? '', 'base64url')
      .toString()
      .replace(/"[\w+/=]{44}"/, JSON.stringify(Buffer.alloc(32).toString('base64')))
    await expect(fetchMedia({ id: Buffer.from(forged).toString('base64url') })).rejects.toMatchObject({ code: 'not_found' })
    await expect(fetchMedia({ id: 'nothing' })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('who writes under a LID, with and without a number', async () => {
    const [ann, bo] = [newNumber(), newNumber()]
    web.server.faults.address(ann, 'lid')
    expect((await wrote(ann, { content: { type: 'text', text: 'Hi' } })).from).toMatchObject({ phone: ann, lid: web.server.lid(ann) })
    web.server.faults.address(bo, 'lid only')
    expect((await wrote(bo, { content: { type: 'text', text: 'Hi' } })).from).toMatchObject({ lid: web.server.lid(bo) })
  })

  test('what the owner writes on the phone', async () => {
    const ann = newNumber()
    const wireId = await web.server.ownMessage(SHOP, ann, { type: 'text', text: 'From my phone' })
    expect(await heard(wireId)).toMatchObject({ from: {}, own: { to: { phone: ann } }, content: { text: 'From my phone' } })
  })

  test('how far our messages got', async () => {
    const ann = newNumber()
    const wireId = await sent(ann, { type: 'text', text: 'Hi' })
    const states = () =>
      told
        .flatMap(({ receipts }) => receipts ?? [])
        .filter((receipt) => receipt.wireId === wireId)
        .map(({ state }) => state)
    await expect.poll(states).toEqual(['delivered', 'read'])
  })
})

describe('groups and newsletters', () => {
  const changes = (group: string) => told.flatMap(({ groupChanges }) => groupChanges ?? []).filter((change) => change.group === group)

  test('a group, from its founding to our leaving', async () => {
    const [ann, bo, absent] = [newNumber(), newNumber(), newNumber('0002')]
    const made = await groups.create(CHANNEL, { name: 'Team', people: [ann, absent] })
    if (made.kind !== 'ok') throw new Error(made.reason)
    const { group, refused } = made.value
    expect(group).toMatchObject({
      name: 'Team',
      owner: SHOP,
      participants: [
        { address: SHOP, role: 'owner' },
        { address: ann, role: 'member' },
      ],
    })
    expect(refused).toMatchObject([{ address: absent, code: 'not_on_whatsapp' }])
    const at = group.address
    expect(await groups.changeParticipants(CHANNEL, at, { action: 'add', people: [bo, ann] })).toEqual({
      kind: 'ok',
      value: { refused: [] },
    })
    expect(await groups.changeParticipants(CHANNEL, at, { action: 'promote', people: [bo] })).toEqual({
      kind: 'ok',
      value: { refused: [] },
    })
    expect(await groups.changeParticipants(CHANNEL, at, { action: 'demote', people: [newNumber()] })).toMatchObject({
      kind: 'ok',
      value: { refused: [{ code: 'not_in_group' }] },
    })
    expect(await groups.changeParticipants(CHANNEL, at, { action: 'remove', people: [ann] })).toEqual({
      kind: 'ok',
      value: { refused: [] },
    })
    const edit = { name: 'The team', description: 'Who does what', onlyAdminsWrite: true, onlyAdminsEdit: true }
    expect(await groups.update(CHANNEL, at, edit)).toEqual({ kind: 'ok', value: undefined })
    expect(await groups.setPicture(CHANNEL, at, { bytes: PIXEL, mimeType: 'image/png' })).toEqual({ kind: 'ok', value: undefined })
    expect(web.network.groups.find(SHOP, at)).toMatchObject(edit)
    heardOf.sync()
    await expect.poll(() => changes(at).at(-1)?.deed).toMatchObject({ kind: 'known', group: { ...edit, address: at } })
    expect(await groups.leave(CHANNEL, at)).toEqual({ kind: 'ok', value: undefined })
    expect(await groups.update(CHANNEL, at, { name: 'Ours' })).toMatchObject({ kind: 'refused' })
    expect(await groups.leave(CHANNEL, '120363000000000000@g.us')).toMatchObject({ kind: 'refused', code: 'not_found' })
    expect(await openGroupRoad(() => undefined).leave(CHANNEL, at)).toMatchObject({ kind: 'refused', code: 'unavailable' })
  })

  test('a group whose founding was answered is founded, whatever comes after', async () => {
    const [ann, absent] = [newNumber(), newNumber('0002')]
    const deaf = { ...session, socket: { ...session.socket, groupMetadata: () => Promise.reject(new Error('timed out')) } }
    const made = await openGroupRoad(() => deaf).create(CHANNEL, { name: 'Once', people: [ann, absent] })
    if (made.kind !== 'ok') throw new Error(made.reason)
    const { group, refused } = made.value
    expect(refused).toMatchObject([{ address: absent }])
    expect(group).toMatchObject({ name: 'Once', owner: SHOP })
    expect(group.participants.map(({ address, role }) => `${address} ${role}`)).toEqual([`${SHOP} owner`, `${ann} member`])
    expect([...(web.network.groups.find(SHOP, group.address)?.members.keys() ?? [])]).toEqual([SHOP, ann])
  })

  test('a member with another number: the group is looked at', async () => {
    const [ann, bo] = [newNumber(), newNumber()]
    const { group } = web.network.groups.create(SHOP, { name: 'Moved', people: [ann] })
    group.members.delete(ann)
    group.members.set(bo, 'member')
    const content = [{ tag: 'modify', attrs: {}, content: [{ tag: 'participant', attrs: { jid: `${bo.slice(1)}@s.whatsapp.net` } }] }]
    const attrs = { from: group.address, type: 'w:gp2', id: newWireId(), participant: `${ann.slice(1)}@s.whatsapp.net` }
    client.sock.ws.emit('CB:notification', { tag: 'notification', attrs, content })
    await expect.poll(() => changes(group.address).at(-1)?.deed).toMatchObject({ kind: 'known' })
    const deed = changes(group.address).at(-1)?.deed
    expect(deed?.kind === 'known' && deed.group.participants.map(({ address }) => address)).toEqual([SHOP, bo])
  })

  test('what was missed waits for the whole groups', async () => {
    const { group } = web.network.groups.create(SHOP, { name: 'Missed', people: [newNumber()] })
    const synced: Partial<Incoming>[] = []
    const first = hearSession(session, tellerTo(synced))
    const jid = `${newNumber().slice(1)}@s.whatsapp.net`
    const content = [{ tag: 'add', attrs: {}, content: [{ tag: 'participant', attrs: { jid } }] }]
    client.sock.ws.emit('CB:notification', { tag: 'notification', attrs: { from: group.address, type: 'w:gp2', id: newWireId() }, content })
    const kindsIn = (told: Partial<Incoming>[]) =>
      told.map(({ groupChanges = [] }) => groupChanges.filter((change) => change.group === group.address).map(({ deed }) => deed.kind))
    await expect.poll(() => changes(group.address).length).toBe(2) // whoever listens since long has told it
    expect(synced).toEqual([])
    first.sync()
    client.sock.ev.emit('connection.update', { receivedPendingNotifications: true })
    await expect.poll(() => kindsIn(synced)[0]).toEqual(['added', 'known'])
  })

  test('what phones do in a group is told, the group itself first', async () => {
    const [ann, bo] = [newNumber(), newNumber()]
    const made = await groups.create(CHANNEL, { name: 'Chat', people: [ann] })
    const at = made.kind === 'ok' ? made.value.group.address : ''
    const found = web.network.groups.find(SHOP, at)
    if (!found) throw new Error('no group')
    await expect.poll(() => changes(at).map(({ deed }) => deed.kind)).toContain('known')
    web.network.actInGroup(bo, found, { act: 'join' })
    await expect.poll(() => changes(at).at(-1)).toMatchObject({ by: bo, deed: { kind: 'joined', people: [bo] } })
    web.network.actInGroup(bo, found, { act: 'leave' })
    await expect.poll(() => changes(at).at(-1)).toMatchObject({ by: bo, deed: { kind: 'left', people: [bo] } })
    const ids = changes(at).flatMap(({ id }) => id ?? [])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('a message in a group, both ways, with who wrote it', async () => {
    const ann = newNumber()
    const made = await groups.create(CHANNEL, { name: 'Talk', people: [ann] })
    const group = made.kind === 'ok' ? made.value.group.address : ''
    const wireId = await sent(group, { type: 'text', text: `Hi @[Ann](${ann.slice(1)}@c.us)` })
    expect(bubble(group, wireId)?.content).toMatchObject({ text: `Hi @${ann.slice(1)}` })
    expect(await wrote(ann, { content: { type: 'text', text: 'Here' }, group })).toMatchObject({
      group,
      from: { phone: ann },
      content: { text: 'Here' },
    })
  })

  test('a newsletter', async () => {
    const made = await newsletters.create(CHANNEL, { name: 'News', description: undefined })
    expect(made).toMatchObject({ kind: 'ok', value: { name: 'News', address: expect.stringMatching(/@newsletter$/) } })
    const to = made.kind === 'ok' ? made.value.address : ''
    await sent(to, { type: 'text', text: 'First' })
    heardOf.sync()
    await expect
      .poll(() => told.flatMap((one) => one.newsletters ?? []))
      .toContainEqual(expect.objectContaining({ address: to, name: 'News', subscribers: expect.any(Number), verified: false }))
  })
})

describe('people', () => {
  test('who is on WhatsApp', async () => {
    expect(await people.lookUp(CHANNEL, newNumber())).toMatchObject({ onWhatsApp: true })
    expect(await people.lookUp(CHANNEL, newNumber('0002'))).toEqual({ onWhatsApp: false, pictureUrl: undefined })
    const away = openPeopleRoad(
      () => undefined,
      async () => undefined,
    )
    await expect(away.lookUp(CHANNEL, newNumber())).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('a pin counts when the network has taken it', async () => {
    const ann = newNumber()
    const wireId = await sent(ann, { type: 'text', text: 'Pin me' })
    const pin = { to: ann, wireId, fromMe: true, author: undefined, seconds: 86_400 }
    await people.pin(CHANNEL, pin)
    web.server.faults.refuseMessages(ann, 405)
    await expect(people.pin(CHANNEL, pin)).rejects.toMatchObject({ code: 'conflict' })
    web.server.faults.refuseMessages(ann, undefined)
  })

  test('what fails once it may have been written is as the network says, or nobody knows', async () => {
    const failing = (work: () => Promise<unknown>): LiveSession => ({
      ...session,
      socket: {
        ...session.socket,
        async relayMessage(...message) {
          await client.sock.relayMessage(...message)
          await work()
          throw new Error('the keys could not be stored')
        },
      },
    })
    const written = async (live: LiveSession) => {
      const composed = await composeMessage(live, outgoingTo(newNumber(), { type: 'text', text: 'Hello' }))
      if ('outcome' in composed) throw new Error('not composed')
      const { answer, unanswered } = await writeMessage(live, composed)
      return { id: composed.relay.messageId, answer: await answer, unanswered }
    }
    const heard = new Promise((done) => client.sock.ws.once('CB:ack,class:message', done))
    const known = await written(failing(() => heard))
    expect(known.answer).toMatchObject({ id: known.id })
    expect(await written(failing(async () => undefined))).toMatchObject({ answer: undefined, unanswered: 'the keys could not be stored' })
  })

  test('who is known under another spelling, among others', async () => {
    const [ann, bo, cy, absent] = [newNumber(), newNumber(), newNumber(), newNumber('0002')] as const
    const asKnown = newNumber()
    web.server.faults.spell(bo, asKnown)
    const bare = bo.slice(1)
    const found = await findRecipients(session, [ann, bo, `${bare}@s.whatsapp.net`, absent, cy])
    const jid = (number: string) => `${number.slice(1)}@s.whatsapp.net`
    expect(Object.fromEntries(found)).toEqual({
      [ann]: jid(ann),
      [bo]: jid(asKnown),
      [`${bare}@s.whatsapp.net`]: jid(asKnown),
      [cy]: jid(cy),
    })
    expect(await findRecipients(session, [bo])).toEqual(new Map([[bo, jid(asKnown)]]))
    await sent(bo, { type: 'text', text: 'Oi' })
    expect(web.network.chat(SHOP, asKnown)?.bubbles.size).toBe(1)
  })

  test('typing, and no more', async () => {
    const ann = newNumber()
    await people.showTyping(CHANNEL, ann, 60_000)
    await expect.poll(() => (web.network.chat(SHOP, ann)?.typingUntil ?? 0) > Date.now()).toBe(true)
    await people.showTyping(CHANNEL, ann, 0)
    await expect.poll(() => (web.network.chat(SHOP, ann)?.typingUntil ?? 0) > Date.now()).toBe(false)
  })

  test('a chat is archived, pinned, marked as unread, and no more', async () => {
    const ann = newNumber()
    const { wireId, at } = await wrote(ann, { content: { type: 'text', text: 'Hi' } })
    const last = { wireId, fromMe: false, author: undefined, at }
    await people.markChat(CHANNEL, { chat: ann, marks: { archived: true, pinned: true, markedUnread: true }, last })
    const jid = `${ann.slice(1)}@s.whatsapp.net`
    expect(web.server.settings(SHOP)).toMatchObject({
      [`["archive","${jid}"]`]: {
        archiveChatAction: { archived: true, messageRange: { messages: [{ key: { id: wireId, fromMe: false } }] } },
      },
      [`["pin_v1","${jid}"]`]: { pinAction: { pinned: true } },
      [`["markChatAsRead","${jid}"]`]: { markChatAsReadAction: { read: false } },
    })
    await people.markChat(CHANNEL, { chat: ann, marks: { archived: false }, last: undefined })
    expect(web.server.settings(SHOP)[`["archive","${jid}"]`]).toMatchObject({ archiveChatAction: { archived: false } })
  })

  test('what the owner does to chats on another device is heard', async () => {
    const ann = newNumber()
    const { wireId, at } = await wrote(ann, { content: { type: 'text', text: 'Hi' } })
    const jid = `${ann.slice(1)}@s.whatsapp.net`
    const lastMessages = [{ key: { remoteJid: jid, id: wireId, fromMe: false }, messageTimestamp: Math.floor(at.getTime() / 1000) }]
    const other = await web.link(SHOP)
    await other.sock.chatModify({ archive: true, lastMessages }, jid)
    await other.sock.chatModify({ pin: true }, jid)
    await other.sock.chatModify({ markRead: false, lastMessages }, jid)
    const marks = () =>
      told.flatMap(({ chatMarks = [] }) => chatMarks).filter((mark) => 'person' in mark.with && mark.with.person.phone === ann)
    await expect
      .poll(() => Object.assign({}, ...marks().map((mark) => mark.marks)))
      .toEqual({ archived: true, pinned: true, markedUnread: true })
    await other.sock.chatModify({ archive: false, lastMessages }, jid)
    await expect.poll(() => marks().at(-1)?.marks).toMatchObject({ archived: false })
  })

  test('a chat that was read on the phone right after messages came', async () => {
    const id = `${newNumber().slice(1)}@s.whatsapp.net`
    const phone = `+${id.split('@')[0]}`
    const { ev } = client.sock
    ev.buffer()
    ev.emit('chats.update', [{ id, unreadCount: 2 }])
    ev.emit('chats.update', [{ id, unreadCount: 0 }])
    ev.flush()
    const marks = () =>
      told.flatMap(({ chatMarks = [] }) => chatMarks).filter((mark) => 'person' in mark.with && mark.with.person.phone === phone)
    await expect.poll(() => marks().map((mark) => mark.marks)).toEqual([{ markedUnread: false }])
  })

  test('other words for a text, in the same bubble', async () => {
    const ann = newNumber()
    const wireId = await sent(ann, { type: 'text', text: 'At nine' })
    const deedWireId = newWireId()
    await people.edit(CHANNEL, { ...ours(ann, wireId), deedWireId, content: { type: 'text', text: 'At ten, @[Ann](12025550123@c.us)' } })
    expect(bubble(ann, wireId)?.content).toMatchObject({ type: 'text', text: 'At ten, @12025550123' })
    expect(bubble(ann, deedWireId)?.content).toMatchObject({ type: 'edit', wireId })
  })

  test('another caption, with its file', async () => {
    const ann = newNumber()
    const media = stored('image/png', PIXEL)
    const image = { type: 'image' as const, mediaId: newId(), caption: 'A dot' }
    const wireId = await sent(ann, image, { media })
    const edit = { ...ours(ann, wireId), deedWireId: newWireId(), content: { ...image, caption: 'The dot' } }
    await expect(people.edit(CHANNEL, edit)).rejects.toMatchObject({ code: 'unsupported' })
    const known = { messageId: newId(), attempt: 1, to: ann, content: image, media, wireId, targetWireId: undefined, callbackData: '' }
    const road = openPeopleRoad(sessionOf, async () => known)
    await road.edit(CHANNEL, edit)
    expect(bubble(ann, wireId)?.content).toMatchObject({ type: 'image', caption: 'The dot', remoteMedia: { size: PIXEL.length } })
  })

  test('taken back: ours anywhere, what others wrote as an admin of their group', async () => {
    const ann = newNumber()
    const wireId = await sent(ann, { type: 'text', text: 'Oops' })
    await people.revoke(CHANNEL, { ...ours(ann, wireId), deedWireId: newWireId() })
    expect(bubble(ann, wireId)?.content).toEqual({ type: 'revoke', wireId })
    const { group } = web.network.groups.create(SHOP, { name: 'Us', people: [ann] })
    const hers = await wrote(ann, { content: { type: 'text', text: 'Spam' }, group: group.address })
    const author = String(hers.context?.participant)
    await people.revoke(CHANNEL, { to: group.address, wireId: hers.wireId, fromMe: false, author, deedWireId: newWireId() })
    expect(bubble(group.address, hers.wireId)?.content).toEqual({ type: 'revoke', wireId: hers.wireId })
  })

  test('what the network refuses is told, and what it does not confirm', async () => {
    const ann = newNumber()
    const wireId = await sent(ann, { type: 'text', text: 'Hi' })
    web.server.faults.refuseMessages(ann, 403)
    const edit = { ...ours(ann, wireId), deedWireId: newWireId(), content: { type: 'text' as const, text: 'Ho' } }
    await expect(people.edit(CHANNEL, edit)).rejects.toMatchObject({ code: 'conflict', message: 'This number may not write there' })
    web.server.faults.refuseMessages(ann, 503)
    await expect(people.revoke(CHANNEL, { ...ours(ann, wireId), deedWireId: newWireId() })).rejects.toMatchObject({ code: 'unavailable' })
    web.server.faults.refuseMessages(ann, undefined)
    expect(bubble(ann, wireId)?.content).toMatchObject({ text: 'Hi' })
  })

  test('read marks and pins', async () => {
    const ann = newNumber()
    const { wireId } = await wrote(ann, { content: { type: 'text', text: 'Hi' } })
    await people.markRead(CHANNEL, { chat: ann, messages: [{ wireId, author: undefined }] })
    await expect.poll(() => bubble(ann, wireId)?.state).toBe('read')
    await people.pin(CHANNEL, { to: ann, wireId, fromMe: false, author: undefined, seconds: 86_400 })
    await expect.poll(() => (bubble(ann, wireId)?.pinnedUntil ?? 0) > 0).toBe(true)
  })
})

test('what was said before comes when a number is linked', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  for (const words of ['one', 'two']) web.network.reply(ann, shop, { content: { type: 'text', text: words } })
  const late = await web.link(shop)
  const heardNow: Partial<Incoming>[] = []
  const live = { ...session, socket: late.sock }
  hearSession(live, tellerTo(heardNow)).sync()
  late.sock.ev.emit('connection.update', { receivedPendingNotifications: true })
  const [history] = late.all('messaging-history.set')
  if (!history) throw new Error('no history')
  const [one] = history.messages
  if (one) history.messages.push({ ...one, key: { ...one.key, id: 'BROKEN' }, message: unreadable() })
  late.sock.ev.emit('messaging-history.set', history)
  await expect
    .poll(() => heardNow.flatMap(({ history: chats }) => chats ?? []))
    .toMatchObject([
      {
        with: { person: { phone: ann } },
        messages: [
          { wireId: 'BROKEN', content: { type: 'unknown', kind: 'unreadable' } },
          { content: { text: 'one' }, from: { phone: ann } },
          { content: { text: 'two' } },
        ],
      },
    ])
})
