import { describe, expect, it } from 'vitest'
import { ACCEPTED, ANN, open, refusedWith, SHOP } from './network.fixture.ts'

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
