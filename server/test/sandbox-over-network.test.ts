import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { Content } from '#core/content'
import type { UnreadSandboxMessage } from '#core/messages'
import type { Incoming, Outgoing, SendOptions, TransportChannel } from '#core/transport'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { createNetwork } from '../src/simulator/index.ts'
import { createManualTime } from '../src/simulator/time.ts'
import { CLOUD_CAPABILITIES, failureOf, outcomeOf } from '../src/transports/cloud/index.ts'
import { createSandboxTransport, type SandboxBook } from '../src/transports/sandbox/index.ts'
import { webCapabilities } from '../src/transports/web/capabilities.ts'

const OWN: TransportChannel = channel('+15550000101', { persona: 'own_number' })
const CLOUD: TransportChannel = channel('+15550000102', { persona: 'cloud', phoneNumberId: '10' })
const GO: SendOptions = { signal: new AbortController().signal, mayWrite: () => true }
const TEMPLATE: Content = { type: 'template', name: 'welcome', language: 'en', components: [] }

function channel(number: string, settings: Record<string, unknown>): TransportChannel {
  return { id: newId(), workspaceId: newId(), kind: 'sandbox', number, settings, credentials: {} }
}

function outgoing(to: string, more: Partial<Outgoing> = {}): Outgoing {
  const messageId = newId()
  const content: Content = { type: 'text', text: 'Hi' }
  return {
    messageId,
    attempt: 1,
    to,
    content,
    media: undefined,
    wireId: undefined,
    targetWireId: undefined,
    callbackData: `inst:${messageId}:1`,
    ...more,
  }
}

/** A road, its network on a clock that the test moves, and what came in. */
async function openSandbox(book: Partial<SandboxBook> = {}) {
  const time = createManualTime()
  const network = createNetwork({ time })
  const came: { channelId: string; incoming: Incoming }[] = []
  const waiting = new Set<() => void>()
  const road = createSandboxTransport({
    network,
    words: { outcomeOf, failureOf },
    cloud: CLOUD_CAPABILITIES,
    ownNumber: webCapabilities({ settings: {} }),
    callbackData: (messageId, attempt) => `inst:${messageId}:${attempt}`,
    book: {
      channelOf: async (number) => [OWN, CLOUD].find((one) => one.number === number)?.id,
      isWindowOpen: async () => false,
      unread: async () => [],
      group: async () => undefined,
      newsletter: async () => undefined,
      ...book,
    },
  })
  const take = async ({ id: channelId }: { id: string }, incoming: Incoming) => {
    came.push({ channelId, incoming })
    for (const look of waiting) look()
    return true
  }
  await road.open?.({ take, keep: async () => true }, openLog('silent'))
  const receipts = () => came.flatMap(({ incoming }) => incoming.receipts)
  const messages = () => came.flatMap(({ incoming }) => incoming.messages)
  const until = (isSo: () => boolean) =>
    new Promise<void>((done) => {
      const look = () => {
        if (!isSo()) return
        waiting.delete(look)
        done()
      }
      waiting.add(look)
      look()
    })
  closers.push(async () => {
    network.close()
    await road.close?.()
  })
  return { road, network, time, came, receipts, messages, until }
}
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

describe('personas', () => {
  test('differ in what they carry', async () => {
    const { road } = await openSandbox()
    expect(road.capabilities(OWN)).toMatchObject({ window: false, templates: false, choosesWireId: true, pair: undefined })
    expect(road.capabilities(CLOUD)).toMatchObject({
      window: true,
      templates: true,
      choosesWireId: false,
      pair: { everySeconds: 7, burst: 45 },
    })
    expect(road.capabilities(OWN).content).toContain('poll')
    expect(road.capabilities(CLOUD).content).not.toContain('poll')
    expect(road.capabilities(CLOUD).content).toContain('interactive')
    expect(road.capabilities({ settings: {} })).toBe(road.capabilities(OWN))
  })

  test('an own number keeps the wire id we chose, and a second send is the same bubble', async () => {
    const { road, network, time, receipts, until } = await openSandbox()
    const message = outgoing('+12025550123', { wireId: '3EB0AAAA' })
    expect(await road.send(OWN, message, GO)).toEqual({ kind: 'accepted', wireId: '3EB0AAAA' })
    expect(await road.send(OWN, message, GO)).toEqual({ kind: 'accepted', wireId: '3EB0AAAA' })
    const bubbles = [...(network.chat(OWN.number, '+12025550123')?.bubbles.values() ?? [])]
    expect(bubbles).toMatchObject([{ wireId: '3EB0AAAA', arrivals: 2 }])
    time.advance(2_000)
    await until(() => receipts().length >= 3)
    const { callbackData } = message
    expect(receipts()).toMatchObject(
      ['sent', 'delivered', 'read'].map((state) => ({ wireId: '3EB0AAAA', state, callbackData, recipient: { phone: '+12025550123' } })),
    )
  })

  test('the cloud persona gets its ids from the network, and obeys the window', async () => {
    const { road, network, messages, until, came } = await openSandbox()
    expect(await road.send(CLOUD, outgoing('+12025550123'), GO)).toMatchObject({ kind: 'rejected', code: 'window_closed' })
    const template = await road.send(CLOUD, outgoing('+12025550123', { content: TEMPLATE }), GO)
    expect(template).toMatchObject({ kind: 'accepted', wireId: expect.stringMatching(/^wamid\./) })
    network.reply('+12025550123', CLOUD.number, { content: { type: 'text', text: 'Hello' } })
    expect(await road.send(CLOUD, outgoing('+12025550123'), GO)).toMatchObject({ kind: 'accepted' })
    await until(() => messages().length === 1)
    expect(messages()).toMatchObject([
      { from: { phone: '+12025550123', waId: '12025550123', profileName: 'Phone 0123' }, content: { text: 'Hello' } },
    ])
    expect(came.every(({ channelId }) => channelId === CLOUD.id)).toBe(true)
  })

  test('a window that the database knows is open, also for phones that have forgotten it', async () => {
    const asked: string[] = []
    const isWindowOpen = async (_: string, address: string) => {
      asked.push(address)
      return address === '+12025550123'
    }
    const { road } = await openSandbox({ isWindowOpen })
    expect(await road.send(CLOUD, outgoing('+12025550123'), GO)).toMatchObject({ kind: 'accepted' })
    expect(await road.send(CLOUD, outgoing('+12025550124'), GO)).toMatchObject({ kind: 'rejected', code: 'window_closed' })
    expect(asked).toEqual(['+12025550123', '+12025550124'])
  })

  test('the cloud persona obeys the pair limit', async () => {
    const { road } = await openSandbox()
    const outcomes = []
    for (let i = 0; i < 46; i++) outcomes.push(await road.send(CLOUD, outgoing('+12025550123', { content: TEMPLATE }), GO))
    expect(outcomes.slice(0, 45).every(({ kind }) => kind === 'accepted')).toBe(true)
    expect(outcomes[45]).toMatchObject({ kind: 'retry', slow: 'pair', afterMs: 6_000 })
  })
})

describe('numbers that mean something', () => {
  const told = async (to: string, attempt = 1, road?: Awaited<ReturnType<typeof openSandbox>>['road']) =>
    (road ?? (await openSandbox()).road).send(OWN, outgoing(to, { attempt }), GO)

  test('…0002 is not on WhatsApp, …0009 outside the window', async () => {
    expect(await told('+12025550002')).toMatchObject({ kind: 'rejected', code: '131026' })
    expect(await told('+12025550009')).toMatchObject({ kind: 'rejected', code: 'window_closed' })
  })

  test('…0003 answers OK, …0008 says STOP', async () => {
    const { road, time, messages, until } = await openSandbox()
    await told('+12025550003', 1, road)
    await told('+12025550008', 1, road)
    time.advance(2_000)
    await until(() => messages().length === 2)
    expect(messages()).toMatchObject([
      { from: { phone: '+12025550003' }, content: { text: 'OK' } },
      { from: { phone: '+12025550008' }, content: { text: 'STOP' } },
    ])
  })

  test('…0004 is never read, …0005 fails after it was sent', async () => {
    const { road, time, receipts, until } = await openSandbox()
    await told('+12025550004', 1, road)
    await told('+12025550005', 1, road)
    time.advance(5_000)
    await until(() => receipts().length === 4)
    const of = (phone: string) => receipts().filter(({ recipient }) => recipient?.phone === phone)
    expect(of('+12025550004').map(({ state }) => state)).toEqual(['sent', 'delivered'])
    expect(of('+12025550005')).toMatchObject([
      { state: 'sent' },
      { state: 'failed', failure: { code: '131026', reason: expect.any(String) } },
    ])
  })

  test('…0006 is throttled twice and then goes', async () => {
    const { road } = await openSandbox()
    const message = outgoing('+12025550006', { wireId: '3EB0CCCC' })
    const tries = [1, 2, 3].map((attempt) =>
      road.send(OWN, { ...message, attempt, callbackData: `inst:${message.messageId}:${attempt}` }, GO),
    )
    expect(await Promise.all(tries)).toMatchObject([
      { kind: 'retry', slow: 'channel' },
      { kind: 'retry', code: '130429' },
      { kind: 'accepted' },
    ])
  })

  test('…0007 is cut after it was sent; its receipts come late', async () => {
    const { road, time, receipts, until } = await openSandbox()
    const message = outgoing('+12025550007')
    expect(await road.send(CLOUD, { ...message, content: TEMPLATE }, GO)).toMatchObject({ kind: 'unknown' })
    time.advance(4_900)
    expect(receipts()).toEqual([])
    time.advance(3_000)
    await until(() => receipts().length === 3)
    expect(receipts().every(({ callbackData }) => callbackData === message.callbackData)).toBe(true)
  })
})

describe('the rest of the road', () => {
  test('what may not be written any more reaches no phone', async () => {
    const { road, network } = await openSandbox()
    const late = { ...GO, mayWrite: () => false }
    expect(await road.send(OWN, outgoing('+12025550123'), late)).toMatchObject({ kind: 'retry', code: 'not_started', afterMs: 0 })
    expect(await road.send(OWN, outgoing('+12025550123'), { ...GO, signal: AbortSignal.abort() })).toMatchObject({ code: 'not_started' })
    expect(network.chat(OWN.number, '+12025550123')).toBeUndefined()
  })

  test('faults on demand: a 5xx with and without words, a cut before the message left', async () => {
    const { road, network } = await openSandbox()
    const meet = async (fault: Parameters<typeof network.faults.set>[0]) => {
      network.faults.set({ ...fault, times: 1 })
      return road.send(OWN, outgoing('+12025550123'), GO)
    }
    expect(await meet({ kind: 'error', status: 502 })).toMatchObject({ kind: 'unknown' })
    expect(await meet({ kind: 'error', status: 500, code: 131000 })).toMatchObject({ kind: 'retry', code: '131000' })
    expect(await meet({ kind: 'cut_before' })).toMatchObject({ kind: 'unknown' })
    expect(await meet({ kind: 'refuse', code: 190 })).toMatchObject({ kind: 'retry', effect: { stop: { reason: 'bad_credentials' } } })
    expect(await meet({ kind: 'refuse', code: 131050 })).toMatchObject({ kind: 'rejected', effect: { optOut: 'marketing' } })
  })

  test('files travel as bytes, both ways', async () => {
    const { road, network, messages, until } = await openSandbox()
    const media = { id: newId(), mimeType: 'image/png', size: 3, filename: 'a.png', sha256: 'x', read: async () => Buffer.from('png') }
    const content: Content = { type: 'image', mediaId: media.id, caption: 'Look' }
    await road.send(OWN, outgoing('+12025550123', { content, media, wireId: '3EB0BBBB' }), GO)
    const shown = network.chat(OWN.number, '+12025550123')?.bubbles.get('3EB0BBBB')?.content
    expect(shown).toMatchObject({ type: 'image', caption: 'Look', remoteMedia: { mimeType: 'image/png', size: 3 } })
    const { id } = network.files.put({ bytes: Buffer.from('voice'), mimeType: 'audio/ogg', owner: OWN.number })
    network.reply('+12025550123', OWN.number, { content: { type: 'voice', remoteMedia: { id } }, contextWireId: '3EB0BBBB' })
    await until(() => messages().length === 1)
    expect(messages()).toMatchObject([{ repliesTo: '3EB0BBBB', content: { type: 'voice', remoteMedia: { id } } }])
    expect(await road.fetchMedia?.(OWN, { id })).toEqual({ bytes: Buffer.from('voice'), mimeType: 'audio/ogg' })
    await expect(road.fetchMedia?.(OWN, { id: 'gone' })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a reaction sits on its bubble; one to a message that never left is refused', async () => {
    const { road, network } = await openSandbox()
    const wireId = network.reply('+12025550123', OWN.number, { content: { type: 'text', text: 'Hi' } })
    const content: Content = { type: 'reaction', messageId: newId(), emoji: '👍' }
    expect(await road.send(OWN, outgoing('+12025550123', { content, targetWireId: wireId }), GO)).toMatchObject({ kind: 'accepted' })
    expect(network.chat(OWN.number, '+12025550123')?.bubbles.get(wireId)?.reactions).toEqual({ business: '👍' })
    expect(await road.send(OWN, outgoing('+12025550123', { content }), GO)).toMatchObject({ kind: 'rejected', code: 'unsupported' })
  })

  test('words change and a file stays; only an admin takes back what others wrote in a group', async () => {
    const { road, network } = await openSandbox()
    const bytes = Buffer.from('a picture')
    const media = { id: newId(), mimeType: 'image/png', size: bytes.length, filename: undefined, sha256: '', read: async () => bytes }
    const image = { type: 'image' as const, mediaId: media.id, caption: 'A dot' }
    await road.send(OWN, outgoing('+12025550123', { content: image, media, wireId: '3EB0CCCC' }), GO)
    const place = { to: '+12025550123', wireId: '3EB0CCCC', fromMe: true, author: undefined, deedWireId: '3EB0DDDD' }
    await road.edit?.(OWN, { ...place, content: { ...image, caption: 'The dot' } })
    const bubble = network.chat(OWN.number, '+12025550123')?.bubbles.get('3EB0CCCC')
    expect(bubble?.content).toMatchObject({ type: 'image', caption: 'The dot', remoteMedia: { size: bytes.length } })
    const { group } = network.groups.create(OWN.number, { name: 'Us', people: ['+12025550123'] })
    const wireId = network.reply('+12025550123', OWN.number, { content: { type: 'text', text: 'Spam' }, group: group.address })
    const revoke = () => road.revoke?.(OWN, { ...place, to: group.address, wireId, fromMe: false })
    const typeOf = () => network.chat(OWN.number, group.address)?.bubbles.get(wireId)?.content.type
    group.members.set(OWN.number, 'member')
    await revoke()
    expect(typeOf()).toBe('text')
    group.members.set(OWN.number, 'admin')
    await revoke()
    expect(typeOf()).toBe('revoke')
  })

  test('a read mark turns the ticks of the phone', async () => {
    const { road, network } = await openSandbox()
    const wireId = network.reply('+12025550123', OWN.number, { content: { type: 'text', text: 'Hi' } })
    await road.markRead?.(OWN, { chat: '+12025550123', messages: [{ wireId, author: undefined }] })
    expect(network.chat(OWN.number, '+12025550123')?.bubbles.get(wireId)?.state).toBe('read')
  })

  test('the test of a channel tells its persona', async () => {
    const { road } = await openSandbox()
    expect(await road.test(CLOUD)).toEqual({ ok: true, facts: { simulated: true, persona: 'cloud', number: CLOUD.number } })
  })

  test('a person who hides the number is known by the scoped id alone', async () => {
    const { road, network, messages, receipts, until, time } = await openSandbox()
    network.changePhone('+12025550123', { bsuid: 'US.123', hidesNumber: true, username: 'ann' })
    network.reply('+12025550123', CLOUD.number, { content: { type: 'text', text: 'Hi' } })
    expect(await road.send(CLOUD, outgoing('US.123'), GO)).toMatchObject({ kind: 'accepted' })
    time.advance(10)
    await until(() => messages().length === 1 && receipts().length === 1)
    expect(messages()[0]?.from).toEqual({ bsuid: 'US.123', username: 'ann', profileName: 'Phone 0123' })
    expect(receipts()[0]?.recipient).toEqual({ bsuid: 'US.123' })
  })
})

describe('after a restart', () => {
  const base = { attempt: 2, content: { type: 'text', text: 'Hi' } as Content, targetWireId: null, state: 'sent' as const }
  const unread = () => [
    { ...base, id: newId(), channelId: OWN.id, number: OWN.number, address: '+12025550123', wireId: '3EB0DDDD' },
    { ...base, id: newId(), channelId: CLOUD.id, number: CLOUD.number, address: '+12025550124', wireId: 'wamid.before' },
    { ...base, id: newId(), channelId: OWN.id, number: OWN.number, address: '+12025550006', wireId: '3EB0EEEE' },
  ]

  test('messages of the process that died go to the phones again under their own ids, and their receipts come', async () => {
    const lost = unread()
    const { time, receipts, until, network } = await openSandbox({ unread: async () => lost })
    await nextTurn() // they are read beside the opening of the house
    time.advance(2_000)
    await until(() => receipts().length === 9)
    for (const { id, wireId } of lost) {
      const states = receipts().filter((one) => one.wireId === wireId && one.callbackData === `inst:${id}:2`)
      expect(states.map(({ state }) => state)).toEqual(['sent', 'delivered', 'read'])
    }
    expect(network.stats().sends.twice).toBe(0)
  })

  test('phones that write by themselves do so once; the limits of a number do not count for what was let through before', async () => {
    const answered = {
      ...base,
      state: 'delivered' as const,
      id: newId(),
      channelId: OWN.id,
      number: OWN.number,
      address: '+12025550003',
      wireId: '3EB0FFFF',
    }
    const [, cloud] = unread()
    let found: ((messages: UnreadSandboxMessage[]) => void) | undefined
    const { road, time, receipts, messages, until } = await openSandbox({ unread: () => new Promise((done) => (found = done)) })
    expect(await road.send(CLOUD, outgoing('+12025550124'), GO)).toMatchObject({ code: 'window_closed' })
    found?.(cloud ? [answered, cloud] : [])
    await nextTurn()
    time.advance(2_000)
    await until(() => receipts().length === 3)
    expect(receipts().every(({ wireId }) => wireId === 'wamid.before')).toBe(true)
    expect(messages()).toEqual([])
    expect(await road.send(CLOUD, outgoing('+12025550124'), GO)).toMatchObject({ code: 'window_closed' })
  })

  test('a database that cannot tell them does not keep the house from opening', async () => {
    const { road } = await openSandbox({ unread: () => Promise.reject(new Error('away')) })
    expect(await road.send(OWN, outgoing('+12025550123'), GO)).toMatchObject({ kind: 'accepted' })
  })
})
