import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createChannel, getChannel, moveSession } from '#core/channels'
import { findGroup, hearGroupChanges } from '#core/groups'
import type { GroupDeed, Incoming, RoadGroup } from '#core/transport'
import { all, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { openMetrics } from '#kit/metrics'
import { insertHeldRaw } from '../../src/dispatch/inbound.store.ts'
import { type Inbound, openInbound } from '../../src/dispatch/inbound.ts'
import { NotHeld, whileHeld } from '../../src/dispatch/while-held.ts'
import { takeOver } from '../../src/transports/web/owners.store.ts'
import { selectKeys, writeKeys } from '../../src/transports/web/session-keys.store.ts'
import { testWorkspace } from '../context.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { openSettlerOver } from '../laws/engine-stage.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

const ANA = '+14155550170'
const GROUP = '120363000000000007@g.us'

const whole = (name: string): { group: string; at: Date; deed: GroupDeed } => {
  const group: RoadGroup = {
    address: GROUP,
    name,
    description: undefined,
    owner: ANA,
    onlyAdminsWrite: false,
    onlyAdminsEdit: false,
    foundedAt: undefined,
    participants: [{ address: ANA, role: 'owner' }],
  }
  return { group: GROUP, at: open.clock.now(), deed: { kind: 'known', group } }
}

/** A number that another process has taken over: what the former holder writes, and what the present one does. */
async function place() {
  const { database, clock } = open
  const { ctx, workspace } = await testWorkspace(open)
  const { id: channelId } = await createChannel(ctx, { kind: 'web', name: 'Shop' })
  const ref = { channelId, workspaceId: workspace.id }
  const former = await takeOver(database.db, ref, newId())
  await database.db.withConnection?.((client) => client.query(`update owners set until = '-infinity' where channel_id = '${channelId}'`))
  const present = await takeOver(database.db, ref, newId())
  if (former === undefined || present === undefined) throw new Error('not taken over')
  const ports = { ...ctx.ports, settler: openSettlerOver(database) }
  const inbound: Inbound = openInbound({
    database,
    ports,
    metrics: openMetrics(),
    log: openLog('silent'),
    now: () => clock.now(),
    parse: async () => new Map(),
  })
  const take = (epoch: number, incoming: Partial<Incoming>) =>
    inbound.take({ id: channelId, epoch }, { messages: [], receipts: [], notices: [], ...incoming })
  return { ctx, database, former: { ...ref, epoch: former }, present: { ...ref, epoch: present }, take, at: clock.now() }
}

describe('whoever held a number and does not any more', () => {
  test('writes no keys', async () => {
    const { database, former, present } = await place()
    const key = (value: string) => [{ type: 'session', id: '1', value: Buffer.from(value) }]
    expect(await writeKeys(database.db, present, key('his'), [])).toBe(true)
    expect(await writeKeys(database.db, former, key('stale'), [])).toBe(false)
    expect(await writeKeys(database.db, former, [], [{ type: 'session', id: '1' }])).toBe(false)
    expect((await selectKeys(database.db, present, 'session', ['1'])).map(({ value }) => value.toString())).toEqual(['his'])
  })

  test('keeps no messages', async () => {
    const { database, former, present, at } = await place()
    const body = (epoch: number, id = newId()) => ({
      id,
      workspaceId: former.workspaceId,
      channelId: former.channelId,
      body: Buffer.from('{}'),
      epoch,
    })
    const [stale, his] = [body(former.epoch), body(present.epoch)]
    expect(await insertHeldRaw(database.engine, [stale, his], at)).toEqual(new Set([his.id]))
    const kept = await all(database.db, sql<{ id: string }>`select id from inbound_events where channel_id = ${former.channelId}`)
    expect(kept).toEqual([{ id: his.id }])
  })

  test('does not say how the channel stands', async () => {
    const { ctx, database, former } = await place()
    const before = await getChannel(ctx, { channelId: former.channelId })
    expect(await moveSession(database.db, ctx.ports.events, former, { is: 'open', phone: ANA })).toBe('lost')
    expect(await getChannel(ctx, { channelId: former.channelId })).toEqual(before)
  })

  test('tells nothing of groups, newsletters, people, histories, chats and receipts', async () => {
    const { ctx, database, former, present, take, at } = await place()
    expect(await take(present.epoch, { groupChanges: [whole('Team')] })).toBe(true)
    const counts = async () =>
      all(
        database.db,
        sql`select (select count(*) from events where workspace_id = ${ctx.workspaceId}) as events, (select count(*) from messages where workspace_id = ${ctx.workspaceId}) as messages,
          (select count(*) from newsletters where workspace_id = ${ctx.workspaceId}) as newsletters, (select count(*) from contacts where workspace_id = ${ctx.workspaceId}) as contacts,
          (select count(*) from stray_receipts where workspace_id = ${ctx.workspaceId}) as receipts`,
      )
    const before = await counts()
    const person = { phone: ANA, lid: '77@lid', profileName: 'Ana' }
    const stale: Partial<Incoming>[] = [
      { groupChanges: [whole('Stale')] },
      {
        newsletters: [
          {
            address: '1@newsletter',
            name: 'N',
            description: undefined,
            subscribers: 1,
            invite: undefined,
            verified: false,
            foundedAt: undefined,
          },
        ],
      },
      { people: [person] },
      {
        history: [
          {
            with: { person },
            unread: 1,
            archived: false,
            messages: [{ wireId: 'H1', from: person, at, content: { type: 'text', text: 'Hi' } }],
          },
        ],
      },
      { chatMarks: [{ with: { person }, marks: { archived: true } }] },
      { receipts: [{ wireId: 'X', state: 'delivered', at }] },
    ]
    for (const incoming of stale) expect(await take(former.epoch, incoming)).toBe(false)
    expect(await findGroup(ctx, { address: GROUP })).toMatchObject({ name: 'Team' })
    expect(await counts()).toEqual(before)
  })

  test('ends in the transaction in which it turns out', async () => {
    const { ctx, database, former, present } = await place()
    const channel = { id: former.channelId, workspaceId: former.workspaceId, number: ANA }
    const hear = (session: typeof former) =>
      hearGroupChanges({ database: whileHeld(database, session), events: ctx.ports.events }, channel, [whole('Team')])
    await expect(hear(former)).rejects.toBeInstanceOf(NotHeld)
    await expect(findGroup(ctx, { address: GROUP })).rejects.toMatchObject({ code: 'not_found' })
    await hear(present)
    expect(await findGroup(ctx, { address: GROUP })).toMatchObject({ name: 'Team' })
  })
})
