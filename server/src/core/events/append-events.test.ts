import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOrganization } from '#core/organizations'
import type { RaisedEvent } from '#kit/context'
import { all, inTransaction, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { appendEvents } from './append-events.ts'
import { findEvents, latestSeq, oldestSeq, readEvents } from './event.store.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase()
})
afterAll(() => house.close())

const workspace = async () => (await createOrganization(house.database.db, { name: 'Events' })).live.id

const fact = (workspaceId: string, mark: unknown = 0): RaisedEvent => ({
  id: newId(),
  workspaceId,
  type: 'message.sent',
  subjects: { messageId: newId() },
  facts: { mark },
})

const append = (events: readonly RaisedEvent[], role?: string) =>
  inTransaction(house.database.db, { workspaceId: role }, async (tx) => appendEvents(tx, events))

describe('appendEvents', () => {
  test('numbers in the order given, per workspace, and keeps what was said', async () => {
    const [a, b] = [await workspace(), await workspace()]
    const events = [fact(a, 'it\'s "quoted" {1,2} \\ ünï'), fact(b, 1), fact(a, [1, { two: null }]), fact(b, 2), fact(a, 3)]
    await append(events)
    const told = await readEvents(house.database.db, a, 0, 10)
    expect(told.map(({ seq, id, facts }) => ({ seq, id, facts }))).toEqual(
      [events[0], events[2], events[4]].map((event, i) => ({ seq: i + 1, id: event?.id, facts: event?.facts })),
    )
    expect(told[0]?.at).toBeInstanceOf(Date)
    expect((await readEvents(house.database.db, b, 1, 10)).map(({ id }) => id)).toEqual([events[3]?.id])
    expect(await latestSeq(house.database.db, a)).toBe(3)
    expect(await oldestSeq(house.database.db, a)).toBe(1)
    expect(await oldestSeq(house.database.db, await workspace())).toBe(1)
    expect((await findEvents(house.database.db, [{ workspaceId: b, seq: 2 }])).map(({ id }) => id)).toEqual([events[3]?.id])
  })

  test('works under the tenant role, which cannot write for another workspace', async () => {
    const [a, b] = [await workspace(), await workspace()]
    await append([fact(a), { ...fact(a), callback: { url: 'https://a.example/x', style: 'canonical' } }], a)
    await expect(append([fact(b)], a)).rejects.toThrow(/row-level security/)
    expect(await latestSeq(house.database.db, a)).toBe(2)
    expect(await latestSeq(house.database.db, b)).toBe(0)
  })

  test('a rolled back transaction takes no number', async () => {
    const a = await workspace()
    const failing = inTransaction(house.database.db, {}, async (tx) => {
      appendEvents(tx, [fact(a)])
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await append([fact(a)])
    expect((await readEvents(house.database.db, a, 0, 9)).map(({ seq }) => seq)).toEqual([1])
  })

  test('a callback becomes work for the teller, in the same transaction, and leaves no address in the event', async () => {
    const a = await workspace()
    const event = { ...fact(a), callback: { url: 'https://Hook.example:8443/x?y=1', style: 'blueticks-co' } }
    await append([fact(a), event])
    const rows = await all(
      house.database.db,
      sql<{ receiver: string; details: object }>`select receiver, details from outbox where kind = 'delivery' and workspace_id = ${a}`,
    )
    const { messageId } = event.subjects
    const details = { ...event.callback, eventId: event.id, eventSeq: 2, eventType: 'message.sent', messageId }
    expect(rows).toEqual([{ receiver: 'host:hook.example:8443', details }])
    expect(JSON.stringify(await readEvents(house.database.db, a, 0, 9))).not.toContain('example')
  })

  test('concurrent writers over the same workspaces leave no gap, keep their own order, and a reader by cursor misses nothing', async () => {
    const spaces = [await workspace(), await workspace(), await workspace()]
    const rounds = 60
    let writing = true
    const seen = new Map(spaces.map((id) => [id, [] as number[]]))
    const reader = (async () => {
      for (let last = false; !last; ) {
        last = !writing
        for (const [id, seqs] of seen) for (const { seq } of await readEvents(house.database.db, id, seqs.at(-1) ?? 0, 50)) seqs.push(seq)
      }
      for (const [id, seqs] of seen)
        for (let more = true; more; ) {
          const page = await readEvents(house.database.db, id, seqs.at(-1) ?? 0, 50)
          seqs.push(...page.map(({ seq }) => seq))
          more = page.length > 0
        }
    })()
    const writers = Array.from({ length: rounds }, (_, round) => {
      // each writer names the workspaces in another order: only the lock order keeps them from deadlock
      const mixed = spaces.flatMap((id, i) => Array.from({ length: ((round + i) % 4) + 1 }, (_, n) => fact(id, `${round}:${n}`)))
      return append(round % 2 ? mixed.reverse() : mixed)
    })
    await Promise.all(writers)
    writing = false
    await reader
    for (const id of spaces) {
      const total = await latestSeq(house.database.db, id)
      expect(seen.get(id)).toEqual(Array.from({ length: total }, (_, i) => i + 1))
    }
  })
})
