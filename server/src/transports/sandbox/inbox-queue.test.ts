import { describe, expect, test } from 'vitest'
import type { Incoming, Receipt } from '#core/transport'
import { openLog } from '#kit/log'
import { openInboxQueue } from './inbox-queue.ts'

const receipt = (wireId: string): Receipt => ({ wireId, state: 'sent', at: new Date(0) })
const message = (wireId: string) => ({ wireId, from: { phone: '+1' }, at: new Date(0), content: { type: 'text' as const, text: 'Hi' } })
const log = openLog('silent')

describe('the queue to the inbox', () => {
  test('what comes together is handed over together, a channel at a time, in its order', async () => {
    const taken: [string, Incoming][] = []
    const queue = openInboxQueue({
      log,
      channelOf: async (business) => `channel of ${business}`,
      inbox: { take: async ({ id }, incoming) => taken.push([id, incoming]) > 0 },
    })
    queue.put({ business: '+1', receipts: [receipt('a')] })
    queue.put({ business: '+2', receipts: [receipt('b')] })
    queue.put({ business: '+1', messages: [message('c')], receipts: [receipt('d')] })
    await queue.drain()
    expect(
      taken.map(([id, { receipts, messages }]) => [id, receipts.map(({ wireId }) => wireId), messages.map(({ wireId }) => wireId)]),
    ).toEqual([
      ['channel of +1', ['a', 'd'], ['c']],
      ['channel of +2', ['b'], []],
    ])
  })

  test('a database that is away is waited for, and nothing overtakes meanwhile', async () => {
    const taken: string[] = []
    let away = 2
    const queue = openInboxQueue({
      log,
      channelOf: async () => 'c',
      inbox: {
        async take(_, { receipts }) {
          if (away-- > 0) throw new Error('the database is away')
          return taken.push(...receipts.map(({ wireId }) => wireId)) > 0
        },
      },
    })
    queue.put({ business: '+1', receipts: [receipt('first')] })
    await new Promise((done) => setTimeout(done, 20)) // the first batch has failed once by now, or will; the order holds either way
    queue.put({ business: '+1', receipts: [receipt('second')] })
    await queue.drain()
    expect(taken).toEqual(['first', 'second'])
  })

  test('what is for no channel of ours is let go', async () => {
    const taken: string[] = []
    const queue = openInboxQueue({
      log,
      channelOf: async () => undefined,
      inbox: { take: async ({ id }) => taken.push(id) > 0 },
    })
    queue.put({ business: '+1', receipts: [receipt('a')] })
    await queue.drain()
    expect(taken).toEqual([])
  })
})
