import { describe, expect, it } from 'vitest'
import { ACCEPTED, ANN, open, refusedWith, SHOP, text } from './network.fixture.ts'

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
