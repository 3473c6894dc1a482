import { describe, expect, it } from 'vitest'
import { ACCEPTED, ANN, open, refusedWith, SHOP, text } from './network.fixture.ts'

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
