import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deleteContact } from '#core/contacts'
import { sendMessage } from '#core/messages'
import {
  cancelRecurrence,
  createRecurrence,
  editOccurrence,
  getRecurrence,
  listRecurrenceMessages,
  pauseRecurrence,
  resumeRecurrence,
  silenceHeld,
  skipOccurrence,
  takeTurn,
  updateRecurrence,
} from '#core/recurrences'
import type { Context } from '#kit/context'
import { all, run, sql } from '#kit/db'
import { openLog } from '#kit/log'
import { openRecurring } from '../src/dispatch/recurring.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type Doors, openDoors, type Tenant } from './doors/doors.ts'

let open: TestDatabase
let doors: Doors
let tenant: Tenant
let ctx: Context
let start: number

beforeAll(async () => {
  open = await testDatabase({ own: true })
  doors = await openDoors(open)
})
afterAll(async () => {
  await doors.close()
  await open.close()
})
beforeEach(async () => {
  await open.moveClock('0')
  tenant = await doors.tenant()
  ctx = tenant.ctx
  start = Math.ceil(ctx.now().getTime() / 60_000) * 60_000 + 60_000
})

const TO = '+14155550123'
const HOUR = 3_600_000
const worker = () => {
  const contextIn = async (workspaceId: string) => ({ ...ctx, workspaceId, actor: { ...ctx.actor, workspaceId } })
  return openRecurring({ database: open.database, log: openLog('silent'), now: () => open.clock.now(), contextIn })
}
/** Time goes on to so many milliseconds after the first occurrence, and the worker looks until nothing is due. */
async function passTo(ms: number): Promise<void> {
  await open.moveClock(`${(start + ms - Date.now()) / 1000} seconds`)
  await worker().look()
}
const at = (hours: number) => new Date(start + hours * HOUR)
const local = (hours: number) => at(hours).toISOString().slice(0, 19)
const hourly = (more: object = {}, series: object = {}) =>
  createRecurrence(ctx, {
    rule: 'FREQ=HOURLY',
    startsAt: local(0),
    timeZone: 'UTC',
    ...series,
    message: { to: TO, persona: 'own_number', content: { type: 'text', text: 'again' }, ...more },
  })
const sentOf = async ({ id }: { id: string }) => {
  const { rows } = await listRecurrenceMessages(ctx, { recurrenceId: id })
  return rows
    .map((row) => (row.direction === 'out' ? [row.sendAt?.getTime(), 'text' in row.content ? row.content.text : ''] : []))
    .reverse()
}
const hours = async (one: { id: string }) => (await sentOf(one)).map(([time]) => (Number(time) - start) / HOUR)
const stateOf = async ({ id }: { id: string }) => (await getRecurrence(ctx, { recurrenceId: id })).recurrence.state
const told = async (type: string) =>
  (
    await all(
      open.database.db,
      sql<{ facts: object }>`select facts from events where workspace_id = ${ctx.workspaceId} and type = ${type} order by seq`,
    )
  ).map(({ facts }) => facts)

describe('occurrences', () => {
  test('each has its message once, when its time has come', async () => {
    const one = await hourly({ tag: 'again', metadata: { shop: 7 } }, { rule: 'FREQ=HOURLY;COUNT=3' })
    await passTo(-1_000)
    expect(await hours(one)).toEqual([])
    for (const hour of [0, 0, 1, 2, 3]) await passTo(hour * HOUR)
    expect(await hours(one)).toEqual([0, 1, 2])
    expect((await listRecurrenceMessages(ctx, { recurrenceId: one.id })).rows[0]).toMatchObject({
      recurrenceId: one.id,
      tag: 'again',
      metadata: { shop: 7 },
      address: TO,
      createdAt: at(2),
    })
    expect(await stateOf(one)).toBe('completed')
    expect(await told('recurrence.completed')).toHaveLength(1)
    expect(await told('message.accepted')).toHaveLength(3)
  })

  test('many that look at once make it once', async () => {
    const made: Awaited<ReturnType<typeof hourly>>[] = []
    for (let n = 0; n < 20; n++) made.push(await hourly())
    await open.moveClock(`${(start - Date.now()) / 1000 + 1} seconds`)
    await Promise.all([...Array.from({ length: 4 }, () => worker().look()), ...made.slice(0, 4).map(({ id }) => takeTurn(ctx, id))])
    for (const one of made) expect(await hours(one)).toEqual([0])
    expect(await told('message.accepted')).toHaveLength(20)
  })

  test('a turn that is taken again, as after a lost answer, makes nothing', async () => {
    const one = await hourly()
    await passTo(0)
    await run(open.database.db, sql`update recurrences set next_occurrence = ${at(0)}, next_at = ${at(0)} where id = ${one.id}`)
    await passTo(0)
    expect(await hours(one)).toEqual([0])
    expect(await told('message.accepted')).toHaveLength(1)
    const [row] = await all(open.database.db, sql`select count(*) as n from outbox where workspace_id = ${ctx.workspaceId}`)
    expect(row).toEqual({ n: 1 })
  })

  test('after an absence only the last is sent, and the others are told', async () => {
    const one = await hourly()
    await passTo(20.5 * HOUR)
    expect(await hours(one)).toEqual([20])
    expect(await told('recurrence.skipped')).toEqual([
      { reason: 'missed', count: 20, from: at(0).toISOString(), until: at(19).toISOString() },
    ])
  })

  test('the last as well is missed when it is too late for it', async () => {
    const one = await hourly({ late: { afterSeconds: 60, action: 'expire' } })
    await passTo(2.5 * HOUR)
    expect(await hours(one)).toEqual([])
    expect(await told('recurrence.skipped')).toMatchObject([{ reason: 'missed', count: 3 }])
    await passTo(3 * HOUR)
    expect(await hours(one)).toEqual([3])
  })

  test('a long absence is passed in bounded turns', async () => {
    const one = await hourly({}, { rule: 'FREQ=MINUTELY' })
    await passTo(20 * HOUR + 30_000)
    await worker().look()
    await worker().look()
    expect(await hours(one)).toEqual([20])
    expect((await told('recurrence.skipped')).map((facts) => (facts as { count: number }).count)).toEqual([500, 500, 200])
  })

  test('what a restore put on hold waits, and is passed over when a person says so', async () => {
    const one = await hourly()
    await open.moveClock(`${(start - Date.now()) / 1000 + 60} seconds`)
    await run(
      open.database.db,
      sql`insert into installation (id, system_identifier, timeline, held_since) values (${ctx.workspaceId}, 'x', 1, chasqui_now())`,
    )
    await worker().look()
    expect(await hours(one)).toEqual([])
    await silenceHeld(open.database.db)
    await run(open.database.db, sql`update installation set held_since = null`)
    await worker().look()
    expect(await hours(one)).toEqual([])
    await passTo(HOUR)
    expect(await hours(one)).toEqual([1])
  })

  test('one that cannot be sent is told, and the next is tried', async () => {
    const one = await hourly({ persona: undefined, channelId: tenant.cloud.id })
    await passTo(0)
    expect(await hours(one)).toEqual([])
    expect(await told('recurrence.skipped')).toMatchObject([{ reason: 'window_closed', count: 1 }])
    expect(await stateOf(one)).toBe('active')
  })
})

describe('changes', () => {
  test('one skipped is not sent, and is again once it is edited', async () => {
    const one = await hourly()
    for (const hour of [0, 2, 3]) await skipOccurrence(ctx, { recurrenceId: one.id, occurrence: at(hour) })
    await editOccurrence(ctx, { recurrenceId: one.id, occurrence: at(3), content: { type: 'text', text: 'special' } })
    for (const hour of [0, 1, 2, 3, 4]) await passTo(hour * HOUR)
    expect(await sentOf(one)).toEqual([
      [at(1).getTime(), 'again'],
      [at(3).getTime(), 'special'],
      [at(4).getTime(), 'again'],
    ])
    await expect(skipOccurrence(ctx, { recurrenceId: one.id, occurrence: at(3) })).rejects.toMatchObject({ code: 'conflict' })
    await expect(skipOccurrence(ctx, { recurrenceId: one.id, occurrence: at(5.5) })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('one moved leaves at its own time, between its neighbours', async () => {
    const one = await hourly()
    const move = (occurrence: Date, sendAt: Date) => editOccurrence(ctx, { recurrenceId: one.id, occurrence, sendAt })
    await move(at(0), at(0.5))
    await move(at(2), at(1.5))
    await expect(move(at(3), at(4))).rejects.toMatchObject({ code: 'invalid', issues: [{ path: 'sendAt' }] })
    await expect(move(at(3), at(1.5))).rejects.toMatchObject({ code: 'invalid' })
    await expect(move(at(1), at(0.5))).rejects.toMatchObject({ code: 'invalid' })
    await passTo(0)
    expect(await hours(one)).toEqual([])
    for (const hour of [0.5, 1, 1.5, 2, 3]) await passTo(hour * HOUR)
    expect(await hours(one)).toEqual([0.5, 1, 1.5, 3])
  })

  test('words change from the next one on; another rule counts from now', async () => {
    const one = await hourly({ tag: 'x' })
    await passTo(0)
    await updateRecurrence(ctx, { recurrenceId: one.id, message: { content: { type: 'text', text: 'new' }, tag: null } })
    await skipOccurrence(ctx, { recurrenceId: one.id, occurrence: at(2) })
    await editOccurrence(ctx, { recurrenceId: one.id, occurrence: at(4), content: { type: 'text', text: 'lost' } })
    await passTo(HOUR)
    await updateRecurrence(ctx, { recurrenceId: one.id, rule: 'FREQ=HOURLY;INTERVAL=2' })
    for (const hour of [2, 3, 4]) await passTo(hour * HOUR)
    expect(await sentOf(one)).toEqual([
      [at(0).getTime(), 'again'],
      [at(1).getTime(), 'new'],
      [at(4).getTime(), 'new'],
    ])
    await expect(updateRecurrence(ctx, { recurrenceId: one.id, rule: 'FREQ=DAILY;UNTIL=20200101' })).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  test('what passes during a pause is not sent', async () => {
    const one = await hourly()
    await passTo(0)
    await pauseRecurrence(ctx, { recurrenceId: one.id })
    await passTo(2.5 * HOUR)
    await resumeRecurrence(ctx, { recurrenceId: one.id })
    await passTo(2.6 * HOUR)
    await passTo(3 * HOUR)
    expect(await hours(one)).toEqual([0, 3])
    await cancelRecurrence(ctx, { recurrenceId: one.id })
    await passTo(5 * HOUR)
    expect(await hours(one)).toEqual([0, 3])
    await expect(pauseRecurrence(ctx, { recurrenceId: one.id })).rejects.toMatchObject({ code: 'conflict' })
    expect((await getRecurrence(ctx, { recurrenceId: one.id })).occurrences).toEqual([])
  })

  test('a skip, pause or cancel that comes between the reckoning of a turn and its commit wins', async () => {
    for (const change of [skipOccurrence, pauseRecurrence, cancelRecurrence]) {
      const one = await hourly()
      await open.moveClock(`${(start - Date.now()) / 1000 + 1} seconds`)
      const { resolve } = ctx.ports.addressBook
      const interrupted: Context = {
        ...ctx,
        ports: {
          ...ctx.ports,
          addressBook: {
            ...ctx.ports.addressBook,
            async resolve(...asked) {
              const input = change === skipOccurrence ? { recurrenceId: one.id, occurrence: at(0) } : { recurrenceId: one.id }
              await (change as typeof skipOccurrence)(ctx, input as Parameters<typeof skipOccurrence>[1]) // each with its own input
              return resolve(...asked)
            },
          },
        },
      }
      await takeTurn(interrupted, one.id)
      await worker().look()
      expect(await hours(one)).toEqual([])
      await cancelRecurrence(ctx, { recurrenceId: one.id }).catch(() => undefined)
      await open.moveClock('0')
    }
  })

  test('who is erased gets no more', async () => {
    const one = await hourly()
    await passTo(0)
    const [message] = (await listRecurrenceMessages(ctx, { recurrenceId: one.id })).rows
    await deleteContact(ctx, { contactId: message?.contactId ?? '', history: 'erase' })
    await passTo(HOUR)
    await expect(getRecurrence(ctx, { recurrenceId: one.id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await told('recurrence.cancelled')).toEqual([{ reason: 'contact_erased' }])
    expect(await all(open.database.db, sql`select 1 from messages where recurrence_id = ${one.id}`)).toEqual([])
  })
})

test('an active recurrence is what a plan with one waiting message lets wait', async () => {
  tenant = await doors.tenant({ plan: 'free' })
  ctx = tenant.ctx
  const later = () => sendMessage(ctx, { to: TO, persona: 'own_number', content: { type: 'text', text: 'x' }, sendAt: at(9) })
  const one = await hourly()
  await expect(hourly()).rejects.toMatchObject({ code: 'plan_limit' })
  await expect(later()).rejects.toMatchObject({ code: 'plan_limit' })
  await passTo(0)
  expect(await hours(one)).toEqual([0])
  await pauseRecurrence(ctx, { recurrenceId: one.id })
  await later()
  await expect(resumeRecurrence(ctx, { recurrenceId: one.id })).rejects.toMatchObject({ code: 'plan_limit' })
})

test('the due ones are found by their index', async () => {
  const plan = await all(
    open.database.engine,
    sql<{
      'QUERY PLAN': string
    }>`explain select id from recurrences where state = 'active' and next_at <= now() order by next_at limit 100`,
  )
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('recurrences_due')
})
