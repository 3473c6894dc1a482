import type { PoolClient } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendEvents } from '#core/events'
import { type AcceptUnit, openAcceptor, openQueueTouches } from '#core/messages'
import { all, type Database, type Db, first, inTransaction, openClient, openDatabase, run, sql } from '#kit/db'
import { DomainError } from '#kit/errors'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { openWaiters, WAITERS_MOST } from '#kit/waiters'
import type { NewMessage } from '../../src/core/messages/new-message.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type BareChannel, bareChannel } from '../engine-fixture.ts'

let test: TestDatabase
let channel: BareChannel
/** A second node on the same database. */
let other: Database
beforeAll(async () => {
  test = await testDatabase({ own: true })
  other = openDatabase(test.address, openLog('silent'))
  channel = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: test.clock.now() })
})
afterAll(async () => {
  await other.close()
  await test.close()
})

const acceptorOver = (database: Database, append = appendEvents) =>
  openAcceptor({
    database,
    events: { append, hint: () => undefined },
    now: () => test.clock.now(),
    touches: openQueueTouches({ database, wake: () => undefined }),
  })

const draft = (more: Partial<NewMessage> = {}): NewMessage => ({
  id: newId(),
  workspaceId: channel.workspaceId,
  channelId: channel.id,
  conversationId: newId(),
  contactId: undefined,
  queueId: channel.queues[0] ?? 0,
  lane: 0,
  address: '+12025550100',
  content: JSON.stringify({ type: 'text', text: 'kept' }),
  sendAt: undefined,
  createdAt: test.clock.now(),
  awaited: false,
  options: JSON.stringify({ late_action: 'expire', on_unknown: 'retry', outside_window: 'refuse', origin: 'api' }),
  callback: undefined,
  ...more,
})
const unitOf = (message: NewMessage, key?: string): AcceptUnit => ({
  workspaceId: channel.workspaceId,
  messages: [message],
  idempotency: key === undefined ? undefined : { key, fingerprint: Buffer.from('the same request') },
})
/** Two commits are carried out, and their connection breaks before they say so. */
function losingCommits(db: Db): { engine: Db; lost(): number } {
  let lost = 0
  const query = async (client: PoolClient, statement: string) => {
    const answer = await client.query(statement)
    if (statement !== 'commit' || lost >= 2) return answer
    lost++
    throw new Error('Connection terminated unexpectedly')
  }
  const losing = (client: PoolClient): PoolClient =>
    new Proxy(client, {
      get: (target, name) => (name === 'query' ? (statement: string) => query(target, statement) : Reflect.get(target, name)),
    })
  const { withConnection } = db
  if (!withConnection) throw new Error('not a pool')
  return { engine: { ...db, withConnection: (work) => withConnection((client) => work(losing(client))) }, lost: () => lost }
}
const kept = async (ids: readonly string[]) =>
  (
    await all(
      test.database.db,
      sql<{ id: string }>`select m.id from messages m join outbox_sends o on o.subject = m.id
        where m.id = any(${ids}::uuid[]) and exists (select 1 from events e where e.type = 'message.accepted' and e.subjects ->> 'messageId' = m.id::text)`,
    )
  ).map(({ id }) => id)

describe('what was accepted', () => {
  it('is on the disk before anybody is told, whatever the server is set to', async () => {
    const plain = await first(
      test.database.db,
      sql<{ reset: string }>`select reset_val as reset from pg_settings where name = 'synchronous_commit'`,
    )
    expect(plain).toEqual({ reset: 'on' })
    for (const db of [test.database.db, test.database.engine]) {
      const setting = await inTransaction(db, {}, (tx) => first(tx, sql`show synchronous_commit`))
      expect(setting).toEqual({ synchronous_commit: 'on' })
    }
  })

  it('is message, work and event, or nothing', async () => {
    const good = draft()
    await acceptorOver(test.database).accept(unitOf(good))
    expect(await kept([good.id])).toEqual([good.id])
    const lost = draft()
    const broken = acceptorOver(test.database, () => {
      throw new Error('no event can be written')
    })
    await expect(broken.accept(unitOf(lost))).rejects.toThrow('no event can be written')
    expect(await all(test.database.db, sql`select 1 from messages where id = ${lost.id}`)).toEqual([])
    expect(await all(test.database.db, sql`select 1 from outbox where subject = ${lost.id}`)).toEqual([])
  })

  it('is not undone by a bad one in the same batch', async () => {
    const acceptor = acceptorOver(test.database)
    const messages = Array.from({ length: 40 }, (_, i) => draft(i === 17 ? { content: '{"type":"text","text":"\\u0000"}' } : {}))
    const results = await Promise.allSettled(messages.map((message) => acceptor.accept(unitOf(message))))
    expect(results.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([17])
    const good = messages.flatMap(({ id }, i) => (i === 17 ? [] : [id]))
    expect((await kept(good)).toSorted()).toEqual(good.toSorted())
  })

  it('is there once, and told as written, although the answer of its commit never came', async () => {
    const { engine, lost } = losingCommits(test.database.engine)
    const acceptor = acceptorOver({ ...test.database, engine })
    const [bare, keyed] = [draft(), draft()]
    const kinds = await Promise.all([acceptor.accept(unitOf(bare)), acceptor.accept(unitOf(keyed, newId()))])
    expect(lost()).toBeGreaterThan(0)
    expect(kinds.map(({ kind }) => kind)).toEqual(['written', 'written'])
    const events = sql`select 1 from events where subjects ->> 'messageId' = any(${[bare.id, keyed.id]}::text[])`
    expect(await all(test.database.db, events)).toHaveLength(2)
    expect(await kept([bare.id, keyed.id])).toHaveLength(2)
  })

  it('is there once, although connections are cut while it is written', async () => {
    const acceptor = acceptorOver(other)
    const admin = openClient(test.address)
    await admin.connect()
    const keys: string[] = []
    let cuts = 0
    let writing = true
    const cut = async () => {
      while (writing) {
        const { rowCount } = await admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and (query = 'commit' or query like '%insert into messages%') limit 1`,
        )
        cuts += rowCount ?? 0
        await new Promise((done) => setTimeout(done, 30))
      }
    }
    /** As a client would: again with the same key until it is told yes. */
    const insist = async (key: string): Promise<string> => {
      for (let tries = 0; tries < 50; tries++) {
        const message = draft()
        try {
          const accepted = await acceptor.accept(unitOf(message, key))
          return accepted.kind === 'replay' ? accepted.subject : message.id
        } catch (error) {
          if (!(error instanceof DomainError) || error.code !== 'unavailable') throw error
        }
      }
      throw new Error('it was never accepted')
    }
    const cutting = cut()
    const told: string[] = []
    for (let wave = 0; wave < 40 && (wave < 4 || cuts < 4); wave++) {
      const fresh = Array.from({ length: 30 }, () => newId())
      keys.push(...fresh)
      told.push(...(await Promise.all(fresh.map(insist))))
      // without a key nobody may ask again, so that only the acceptor's own tries are left
      const bare = Array.from({ length: 10 }, () => draft())
      const answers = await Promise.allSettled(bare.map((message) => acceptor.accept(unitOf(message))))
      told.push(...bare.flatMap(({ id }, i) => (answers[i]?.status === 'fulfilled' ? [id] : [])))
    }
    writing = false
    await cutting
    await admin.end()
    expect(cuts).toBeGreaterThan(3)
    expect(new Set(told).size).toBe(told.length)
    expect(told.length).toBeGreaterThan(keys.length)
    expect((await kept(told)).toSorted()).toEqual(told.toSorted())
    const made = await all(test.database.db, sql`select subject from idempotency_keys where key = any(${keys}::text[])`)
    expect(made).toHaveLength(keys.length)
    const twice = sql`select 1 from events where type = 'message.accepted' group by subjects ->> 'messageId' having count(*) > 1`
    expect(await all(test.database.db, twice)).toEqual([])
  })
})

describe('an Idempotency-Key', () => {
  it('makes one message on two nodes at once, and all others are told of that one', async () => {
    const nodes = [acceptorOver(test.database), acceptorOver(other)]
    const keys = Array.from({ length: 60 }, () => newId())
    const answers = await Promise.all(
      keys.flatMap((key) =>
        Array.from({ length: 6 }, async (_, i) => {
          const message = draft()
          const accepted = await nodes[i % 2]?.accept(unitOf(message, key))
          return { key, id: accepted?.kind === 'replay' ? accepted.subject : message.id, made: accepted?.kind === 'written' }
        }),
      ),
    )
    for (const same of Map.groupBy(answers, ({ key }) => key).values()) {
      expect(new Set(same.map(({ id }) => id)).size).toBe(1)
      expect(same.filter(({ made }) => made)).toHaveLength(1)
    }
    const ids = [...new Set(answers.map(({ id }) => id))]
    expect((await kept(ids)).toSorted()).toEqual(ids.toSorted())
    await run(test.database.db, sql`delete from idempotency_keys`)
  })
})

describe('a door that waits', () => {
  it('is one of a bounded number; one more is answered at once', async () => {
    const waiters = openWaiters()
    const waits = Array.from({ length: WAITERS_MOST }, (_, i) => waiters.wait(`message ${i}`, 60_000))
    expect(waiters.count).toBe(WAITERS_MOST)
    await waiters.wait('one too many', 60_000).done
    waiters.end(['message 0'])
    await waits[0]?.done
    expect(waiters.count).toBe(WAITERS_MOST - 1)
    waiters.release()
    await Promise.all(waits.map(({ done }) => done))
    expect(waiters.count).toBe(0)
    await waiters.wait('after the release', 60_000).done
  })
})
