import { describe, expect, it } from 'vitest'
import { ACCEPTED, open, refusedWith, SHOP, text } from './network.fixture.ts'

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
