import { describe, expect, it } from 'vitest'
import { createNetwork } from './network.ts'
import type { BusinessSettings, NetworkInbound, NetworkOptions, NetworkReceipt } from './network.types.ts'
import { createManualTime } from './time.ts'

const SHOP = '+15550001111'
const ANN = '+491701234567'
const text = (words: string) => ({ type: 'text' as const, text: words })

function open(options: NetworkOptions = {}, settings: BusinessSettings = {}) {
  const time = createManualTime()
  const network = createNetwork({ time, ...options })
  network.business(SHOP, settings)
  const start = time.now()
  const receipts: NetworkReceipt[] = []
  const inbound: NetworkInbound[] = []
  network.on('receipt', (receipt) => receipts.push(receipt))
  network.on('message', (message) => inbound.push(message))
  const send = (to: string, more: { wireId?: string; callbackData?: string; words?: string } = {}) =>
    network.deliver(SHOP, to, { content: text(more.words ?? 'hello'), ...more })
  const told = () => receipts.map(({ state, at }) => `${state}@${at - start}`)
  return { time, network, receipts, inbound, send, told }
}
const refusedWith = (code: number) => expect.objectContaining({ kind: 'refused', refusal: expect.objectContaining({ code }) })
const ACCEPTED = expect.objectContaining({ kind: 'accepted', repeat: false })

describe('a plain message', () => {
  it('is sent at once, delivered after 0.5 s, read after 2 s, and nothing is told inside the send', () => {
    const { time, send, told, receipts, network } = open()
    expect(send(ANN, { callbackData: 'inst:m1:1' })).toEqual(ACCEPTED)
    expect(told()).toEqual([])
    time.advance(0)
    expect(told()).toEqual(['sent@0'])
    time.advance(499)
    expect(told()).toHaveLength(1)
    time.advance(10_000)
    expect(told()).toEqual(['sent@0', 'delivered@500', 'read@2000'])
    expect(receipts.every(({ callbackData, phone }) => callbackData === 'inst:m1:1' && phone.waId === '491701234567')).toBe(true)
    expect(network.stats()).toMatchObject({ onTheWay: 0, receipts: 3, sends: { total: 1, distinct: 1, twice: 0 } })
  })

  it('keeps another pace when told to', () => {
    const { time, send, told } = open({ scale: 0.1, delays: { deliveredMs: 1000 } })
    send(ANN)
    time.advance(1000)
    expect(told()).toEqual(['sent@0', 'delivered@100', 'read@200'])
  })

  it('is one bubble under the same wire id, two without', () => {
    const { time, network, send, told } = open()
    expect(send(ANN, { wireId: 'W1' })).toEqual(ACCEPTED)
    expect(send(ANN, { wireId: 'W1' })).toMatchObject({ kind: 'accepted', wireId: 'W1', repeat: true })
    time.advance(5000)
    expect(told()).toHaveLength(3)
    expect(network.chat(SHOP, ANN)?.bubbles.get('W1')?.arrivals).toBe(2)
    expect(network.stats()).toMatchObject({ repeats: 1, sends: { total: 1, twice: 0 } })
    send(ANN, { callbackData: 'inst:m2:1' })
    send(ANN, { callbackData: 'inst:m2:2' })
    expect(network.ledger.twice()).toEqual([{ phone: ANN, messageKey: 'inst:m2', times: 2 }])
  })

  it('is counted, and one under the same wire id, when nothing is kept', () => {
    const { network, send } = open({ keepChats: 'counts' })
    send(ANN, { callbackData: 'inst:m1:1' })
    send(ANN, { callbackData: 'inst:m1:2' })
    send(ANN, { wireId: 'W1' })
    send(ANN, { wireId: 'W1' })
    expect(network.chats(SHOP)).toEqual([])
    expect(network.stats()).toMatchObject({ repeats: 1, sends: { total: 3, distinct: 2, twice: 1 } })
  })

  it('takes data that counts no attempt as it is', () => {
    const { network, send } = open()
    for (const callbackData of ['order.123', 'order.124', 'a:b:c:1', 'a:b:c:2', 'order']) send(ANN, { callbackData })
    expect(network.stats().sends).toMatchObject({ total: 5, distinct: 5, twice: 0 })
  })
})

describe('magic numbers', () => {
  const number = (last: string) => `+49170555${last}`

  it('0002 is not on WhatsApp', () => {
    const { time, send, told, network } = open()
    expect(send(number('0002'))).toEqual(refusedWith(131026))
    time.advance(10_000)
    expect(told()).toEqual([])
    expect(network.stats().sends.total).toBe(0)
  })

  it('0003 answers OK and 0008 STOP, after delivery; not for ever', () => {
    const { time, send, inbound } = open()
    send(number('0003'))
    time.advance(499)
    expect(inbound).toEqual([])
    time.advance(1000)
    send(number('0008'))
    time.advance(1010)
    expect(inbound).toMatchObject([{ content: text('OK'), phone: { number: number('0003') } }, { content: text('STOP') }])
    for (let i = 0; i < 50; i++) send(number('0003'), { words: `again ${i}` })
    time.advance(5000)
    expect(inbound.length).toBe(1 + 20)
    time.advance(60_000)
    send(number('0003'))
    time.advance(5000)
    expect(inbound.length).toBe(22)
  })

  it('0004 never reads, 0005 fails after sent', () => {
    const { time, send, told, receipts } = open()
    send(number('0004'))
    time.advance(60_000)
    expect(told()).toEqual(['sent@0', 'delivered@500'])
    receipts.length = 0
    send(number('0005'))
    time.advance(60_000)
    expect(receipts.map(({ state, failure }) => [state, failure?.code])).toEqual([
      ['sent', undefined],
      ['failed', 131026],
    ])
  })

  it('0006 throttles each message twice, whatever its attempts are called', () => {
    const { send } = open()
    for (const message of ['m1', 'm2']) {
      expect(send(number('0006'), { callbackData: `inst:${message}:1` })).toEqual(refusedWith(130429))
      expect(send(number('0006'), { callbackData: `inst:${message}:2` })).toEqual(refusedWith(130429))
      expect(send(number('0006'), { callbackData: `inst:${message}:3` })).toEqual(ACCEPTED)
    }
  })

  it('0007 takes the message, cuts the connection and tells later; a second try is a second bubble unless its id is the same', () => {
    const { time, send, told, network } = open()
    expect(send(number('0007'), { callbackData: 'inst:m1:1' })).toEqual({ kind: 'cut', sent: true })
    time.advance(4900)
    expect(told()).toEqual([])
    time.advance(5000)
    expect(told()).toEqual(['sent@5000', 'delivered@5500', 'read@7000'])
    expect(send(number('0007'), { callbackData: 'inst:m1:2' })).toEqual(ACCEPTED)
    expect(network.stats().sends.twice).toBe(1)
    expect(send(number('0007'), { wireId: 'W9' })).toEqual({ kind: 'cut', sent: true })
    expect(send(number('0007'), { wireId: 'W9' })).toMatchObject({ kind: 'accepted', repeat: true })
  })

  it('0009 is outside the window even after it wrote; a template passes', () => {
    const { send, network } = open()
    network.reply(number('0009'), SHOP, { content: text('hi') })
    expect(send(number('0009'))).toEqual(refusedWith(131047))
    expect(network.deliver(SHOP, number('0009'), { content: { type: 'template', name: 'x', language: 'en', components: [] } })).toEqual(
      ACCEPTED,
    )
  })
})

describe('limits', () => {
  it('holds the 24-hour window where it is enforced', () => {
    const { time, send, network } = open({}, { enforceWindow: true })
    expect(send(ANN)).toEqual(refusedWith(131047))
    network.reply(ANN, SHOP, { content: text('hi') })
    expect(send(ANN)).toEqual(ACCEPTED)
    time.advance(24 * 3_600_000 - 1)
    expect(send(ANN)).toEqual(ACCEPTED)
    time.advance(1)
    expect(send(ANN)).toEqual(refusedWith(131047))
    expect(open().send(ANN)).toEqual(ACCEPTED)
  })

  it('lets 45 go to one phone at once, then one every 6 s', () => {
    const { time, send } = open({}, { pairLimit: true })
    for (let i = 0; i < 45; i++) expect(send(ANN)).toEqual(ACCEPTED)
    expect(send(ANN)).toEqual(refusedWith(131056))
    expect(send('+491701234568')).toEqual(ACCEPTED)
    time.advance(5999)
    expect(send(ANN)).toEqual(refusedWith(131056))
    time.advance(1)
    expect(send(ANN)).toEqual(ACCEPTED)
    expect(send(ANN)).toEqual(refusedWith(131056))
  })

  it('lets so many go in a second', () => {
    const { time, send } = open({}, { perSecond: 2 })
    expect([send('+4911111'), send('+4922222'), send('+4933333')]).toEqual([ACCEPTED, ACCEPTED, refusedWith(130429)])
    time.advance(500)
    expect([send('+4911111'), send('+4922222')]).toEqual([ACCEPTED, refusedWith(130429)])
  })

  it('bounds what it keeps', () => {
    const { network, send } = open({ mostChats: 4, mostBubbles: 3, mostOnTheWay: 40 })
    for (let i = 0; i < 10; i++) send(ANN)
    for (let i = 0; i < 10; i++) send(`+49170000${i}111`)
    expect(network.chats(SHOP).map(({ phone }) => phone)).toEqual([6, 7, 8, 9].map((i) => `+49170000${i}111`))
    for (let i = 0; i < 20; i++) send(ANN)
    expect(network.chat(SHOP, ANN)?.bubbles.size).toBe(3)
    expect(send(ANN)).toEqual(refusedWith(131016))
  })
})

describe('faults', () => {
  it('bend receipts: late, twice, backwards, not at all', () => {
    const { time, network, send, told, receipts } = open()
    const journey = (kind: 'delay' | 'duplicate' | 'reorder' | 'withhold' | 'drop') => {
      network.faults.clear()
      receipts.length = 0
      network.faults.set({ kind, ms: 1000, times: 1 })
      const start = time.now()
      expect(send(ANN)).toEqual(ACCEPTED)
      time.advance(10_000)
      return receipts.map(({ state, at }) => `${state}@${at - start}`)
    }
    expect(journey('delay')).toEqual(['sent@1000', 'delivered@1500', 'read@3000'])
    expect(journey('duplicate').map((one) => one.split('@')[0])).toEqual(['sent', 'sent', 'delivered', 'delivered', 'read', 'read'])
    expect(journey('reorder')).toEqual(['read@0', 'delivered@500', 'sent@2000'])
    expect(network.chat(SHOP, ANN)?.bubbles.size).toBe(3)
    expect(journey('withhold')).toEqual([])
    expect(network.chat(SHOP, ANN)?.bubbles.size).toBe(4)
    expect(journey('drop')).toEqual([])
    expect(network.chat(SHOP, ANN)?.bubbles.size).toBe(4)
    send(ANN)
    time.advance(10_000)
    expect(told().at(-1)).toMatch(/^read/)
  })

  it('end an attempt before or after the message has left', () => {
    const { network, send } = open()
    const verdict = (rule: Parameters<typeof network.faults.set>[0]) => {
      network.faults.clear()
      network.faults.set(rule)
      const before = network.stats().sends.total
      return [send(ANN), network.stats().sends.total - before]
    }
    expect(verdict({ kind: 'error', status: 502 })).toEqual([{ kind: 'broken', status: 502, code: undefined, sent: false }, 0])
    expect(verdict({ kind: 'error_after', code: 131000 })).toEqual([{ kind: 'broken', status: 503, code: 131000, sent: true }, 1])
    expect(verdict({ kind: 'refuse', code: 131056 })).toEqual([refusedWith(131056), 0])
    expect(verdict({ kind: 'cut_before' })).toEqual([{ kind: 'cut', sent: false }, 0])
    expect(verdict({ kind: 'cut_after' })).toEqual([{ kind: 'cut', sent: true }, 1])
  })

  it('meet who and as often as they say', () => {
    let chance = 0.4
    const { network, send, told } = open({ random: () => chance })
    const id = network.faults.set({ kind: 'refuse', code: 1, phone: ANN, probability: 0.5, times: 2 }).id
    expect([send(ANN), send('+4911111')]).toEqual([refusedWith(1), ACCEPTED])
    chance = 0.6
    expect(send(ANN)).toEqual(ACCEPTED)
    chance = 0.4
    expect([send(ANN), send(ANN)]).toEqual([refusedWith(1), ACCEPTED])
    expect(network.faults.list()).toMatchObject([{ id, met: 2 }])
    network.faults.set({ kind: 'refuse', code: 1, business: '+4999999' })
    expect(send(ANN)).toEqual(ACCEPTED)
    network.faults.set({ kind: 'status_first' })
    expect(send(ANN)).toMatchObject({ statusFirst: true })
    expect(told()).toEqual(['sent@0'])
  })
})

describe('a phone', () => {
  it('writes, reacts, votes and is told to the business', () => {
    const { network, inbound, send } = open()
    const verdict = send(ANN, { wireId: 'W1' })
    expect(verdict).toEqual(ACCEPTED)
    network.changePhone(ANN, { profileName: 'Ann', bsuid: 'DE.12345' })
    network.reply(ANN, SHOP, { content: text('hi'), contextWireId: 'W1' })
    network.react(ANN, SHOP, { wireId: 'W1', emoji: '👍' })
    network.vote(ANN, SHOP, { wireId: 'W1', options: ['a'] })
    expect(inbound).toMatchObject([
      { business: SHOP, content: text('hi'), contextWireId: 'W1', phone: { profileName: 'Ann' } },
      { content: { type: 'reaction', wireId: 'W1', emoji: '👍' } },
      { content: { type: 'poll_vote', wireId: 'W1', options: ['a'] } },
    ])
    expect(network.chat(SHOP, ANN)?.bubbles.get('W1')).toMatchObject({ reactions: { phone: '👍' }, votes: ['a'] })
    expect(network.deliver(SHOP, 'DE.12345', { content: text('x') })).toMatchObject({ kind: 'accepted', phone: { number: ANN } })
    expect(network.deliver(SHOP, 'DE.99999', { content: text('x') })).toEqual(refusedWith(131026))
  })

  it('reads by hand once, and a blocked business hears no more than sent', () => {
    const { time, network, send, told, receipts } = open()
    send(ANN)
    time.advance(600)
    network.read(ANN, SHOP)
    time.advance(10_000)
    expect(told()).toEqual(['sent@0', 'delivered@500', 'read@600'])
    receipts.length = 0
    network.block(ANN, SHOP, true)
    send(ANN)
    time.advance(10_000)
    expect(receipts.map(({ state }) => state)).toEqual(['sent'])
  })

  it('sees reactions on the bubble they are about; a reaction to nothing fails', () => {
    const { time, network, send, receipts } = open()
    send(ANN, { wireId: 'W1' })
    network.deliver(SHOP, ANN, { content: { type: 'reaction', wireId: 'W1', emoji: '❤' }, wireId: 'W2' })
    network.deliver(SHOP, ANN, { content: { type: 'reaction', wireId: 'W0', emoji: '❤' }, wireId: 'W3' })
    time.advance(10_000)
    expect(network.chat(SHOP, ANN)?.bubbles.get('W1')?.reactions).toEqual({ business: '❤' })
    const of = (wireId: string) =>
      receipts.filter((receipt) => receipt.wireId === wireId).map(({ state, failure }) => [state, failure?.code])
    expect(of('W2')).toEqual([['sent', undefined]])
    expect(of('W3')).toEqual([
      ['sent', undefined],
      ['failed', 131009],
    ])
  })

  it('sees its messages read, up to the one named, and the typing', () => {
    const { network } = open()
    const [first = '', second = '', third = ''] = ['a', 'b', 'c'].map((words) => network.reply(ANN, SHOP, { content: text(words) }))
    expect(network.markRead(SHOP, second, { typing: true })).toBe(true)
    const states = [first, second, third].map((id) => network.chat(SHOP, ANN)?.bubbles.get(id)?.state)
    expect(states).toEqual(['read', 'read', 'sent'])
    expect(network.chat(SHOP, ANN)?.typingUntil).toBeGreaterThan(network.time.now())
    expect(network.markRead('+15550002222', third)).toBe(false)
    expect(network.markRead(SHOP, 'nothing')).toBe(false)
  })
})
