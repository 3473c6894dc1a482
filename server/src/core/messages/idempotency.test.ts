import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appendEvents } from '#core/events'
import { all, type Database, openDatabase, sql } from '#kit/db'
import { DomainError } from '#kit/errors'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { type TestDatabase, testDatabase } from '#test/database'
import { type BareChannel, bareChannel } from '#test/engine-fixture'
import { type Acceptor, openAcceptor } from './accept-messages.ts'
import { openQueueTouches } from './touch-queues.ts'

let house: TestDatabase
let other: Database
let channel: BareChannel
let nodes: Acceptor[]
beforeAll(async () => {
  house = await testDatabase()
  other = openDatabase(house.address, openLog('silent'))
  channel = await bareChannel(house.database, { rate: 1, capacity: 1, at: house.clock.now() })
  nodes = [house.database, other].map((database) =>
    openAcceptor({
      database,
      events: { append: appendEvents, hint: () => undefined },
      now: () => house.clock.now(),
      touches: openQueueTouches({ database, wake: () => undefined }),
    }),
  )
})
afterAll(async () => {
  await other.close()
  await house.close()
})

type Request = { key: number; body: string; node: number }
type Answer = Request & { id: string | undefined; conflict: boolean; fresh: boolean }

/** One request: a message of its own unless its key is known. */
async function ask(run: string, request: Request): Promise<Answer> {
  const id = newId()
  const unit = {
    workspaceId: channel.workspaceId,
    messages: [
      {
        ...{ id, workspaceId: channel.workspaceId, channelId: channel.id, conversationId: newId(), contactId: undefined },
        ...{ queueId: channel.queues[0] ?? 0, lane: 0, address: '+12025550100', content: JSON.stringify({ type: 'text', text: run }) },
        ...{ sendAt: undefined, createdAt: house.clock.now(), awaited: false, callback: undefined },
        options: JSON.stringify({ late_action: 'expire', on_unknown: 'retry', outside_window: 'refuse', origin: 'api', tag: run }),
      },
    ],
    idempotency: { key: `${run} ${request.key}`, fingerprint: Buffer.from(request.body) },
  }
  try {
    const accepted = await nodes[request.node]?.accept(unit)
    const fresh = accepted?.kind === 'written'
    return { ...request, id: fresh ? id : accepted?.subject, conflict: false, fresh }
  } catch (error) {
    if (error instanceof DomainError && error.code === 'idempotency_conflict')
      return { ...request, id: undefined, conflict: true, fresh: false }
    throw error
  }
}

const request = fc.record({ key: fc.nat(3), body: fc.constantFrom('this', 'that'), node: fc.nat(1) })

test('one key is one message, whatever comes at the same time, again, with another body, or to another node', async () => {
  await fc.assert(
    // waves of requests: those of a wave at once, the waves one after the other
    fc.asyncProperty(fc.array(fc.array(request, { minLength: 1, maxLength: 6 }), { maxLength: 4 }), async (waves) => {
      const run = newId()
      const answers: Answer[] = []
      for (const wave of waves) answers.push(...(await Promise.all(wave.map((one) => ask(run, one)))))
      for (const same of Map.groupBy(answers, ({ key }) => key).values()) {
        const [first, ...more] = same.filter(({ fresh }) => fresh)
        expect(first).toBeDefined()
        expect(more).toEqual([])
        for (const answer of same) {
          expect(answer.conflict).toBe(answer.body !== first?.body)
          expect(answer.id).toBe(answer.conflict ? undefined : first?.id)
        }
      }
      const rows = await all(
        house.database.db,
        sql<{ id: string }>`select id from messages where workspace_id = ${channel.workspaceId} and tag = ${run}`,
      )
      expect(rows.map(({ id }) => id).sort()).toEqual(answers.flatMap(({ fresh, id }) => (fresh && id ? [id] : [])).sort())
    }),
    { numRuns: 60 },
  )
})
