import type { Pacing } from '#core/channels'
import { appendEvents } from '#core/events'
import { openQueueTouches, openSettler, type QueueTouches, type SendResult } from '#core/messages'
import type { Capabilities, Outcome } from '#core/transport'
import type { Workspace } from '#core/workspaces'
import type { Context } from '#kit/context'
import { all, type Database, first, sql } from '#kit/db'
import { openLog } from '#kit/log'
import { type Claim, claimMessages } from '../../src/dispatch/claim-messages.ts'
import type { Slots } from '../../src/dispatch/share-tokens.ts'
import { startMessages } from '../../src/dispatch/start-messages.ts'
import { newId } from '../../src/kit/ids.ts'
import { testContext } from '../context.ts'
import type { TestDatabase } from '../database.ts'
import type { BareChannel } from '../engine-fixture.ts'

export const WIDE: Slots = { of: () => 10_000, total: 10_000, limited: [] }
const CLOUD_ROAD: Capabilities = {
  content: ['text', 'template'],
  templates: true,
  groups: false,
  newsletters: false,
  presence: false,
  window: false,
  pair: undefined,
  choosesWireId: false,
  markRead: true,
  session: undefined,
  lookups: false,
  linkPreviews: false,
  pins: false,
  edits: false,
  revokes: false,
  captionMost: 1024,
  nativeMedia: { image: [], video: [], audio: [], voice: [], sticker: [] },
}

export const INSTALLATION = 'laws'

/** The engine's three commits one by one, at times that the test chooses: what happens in between is up to it. */
export function openEngineStage(test: Pick<TestDatabase, 'database' | 'clock'>, road: Partial<Capabilities> = {}, pacing?: Pacing) {
  const { database } = test
  const events = { append: appendEvents, hint: () => undefined }
  const touches = openQueueTouches({ database, wake: () => undefined })
  const settler = openSettlerOver(database, { touches })
  const listeningSince = new Date(0)
  const stage = {
    /** A connection is there. */
    isReady: true,
    settler,
    claim: (at: Date, slots: Slots = WIDE): Promise<Claim> => claimMessages({ database, node: newId(), now: () => at }, slots),
    /** The ids of the messages that may go on the wire now. */
    async start(claim: Claim, at: Date): Promise<string[]> {
      const capabilitiesOf = () => ({ ...CLOUD_ROAD, ...road })
      const { started } = await startMessages(
        {
          database,
          events,
          now: () => at,
          capabilitiesOf,
          isReady: () => stage.isReady,
          pacingOf: () => pacing,
          reconcileMs: 120_000,
          reconcileMostMs: 600_000,
          listeningSince,
          touches,
          ended: () => undefined,
        },
        claim,
      )
      await touches.drain()
      return started.map(({ row }) => row.id)
    },
    async settle(
      message: { workspaceId: string; id: string },
      outcome: Outcome,
      result: Pick<SendResult, 'attempt' | 'at'>,
    ): Promise<void> {
      await settler.outcome(message, { ...result, outcome, reconcileMs: 120_000 })
      await touches.drain()
    },
  }
  return stage
}

/** The writer of outcomes and receipts of one node. */
export const openSettlerOver = (database: Database, more: { touches?: QueueTouches; append?: typeof appendEvents } = {}) =>
  openSettler({
    database,
    events: { append: more.append ?? appendEvents, hint: () => undefined },
    installationId: INSTALLATION,
    log: openLog('silent'),
    touches: more.touches ?? openQueueTouches({ database, wake: () => undefined }),
    ended: () => undefined,
    observe: () => undefined,
  })

/** Somebody who may do anything in the workspace of a bare channel. */
export async function contextIn(test: Pick<TestDatabase, 'database' | 'clock'>, { workspaceId }: BareChannel): Promise<Context> {
  const row = await first(
    test.database.db,
    sql<{ organizationId: string }>`select organization_id as "organizationId" from workspaces where id = ${workspaceId}`,
  )
  const workspace: Workspace = {
    id: workspaceId,
    organizationId: row?.organizationId ?? '',
    environment: 'live',
    defaultCountry: 'US',
    timeZone: 'UTC',
    settings: {},
    createdAt: new Date(0),
  }
  const touches = openQueueTouches({ database: test.database, wake: () => undefined })
  return testContext(test, workspace, { ports: { touches } })
}

export type MessageFacts = { id: string; state: string; attempt: number; code: string | null; sendingAt: Date | null }

export const factsOf = (database: Database, ids: readonly string[]): Promise<MessageFacts[]> =>
  all(
    database.db,
    sql<MessageFacts>`select id, state, attempt, code, sending_at as "sendingAt" from messages where id = any(${ids}::uuid[]) order by id`,
  )

/** Resolves when so many sessions of this database wait for a lock that another one holds. */
export async function untilSomebodyWaits(database: Database, sessions = 1): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; await new Promise((done) => setTimeout(done, 5))) {
    const waiting = await all(
      database.db,
      sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit ${sessions}`,
    )
    if (waiting.length === sessions) return
  }
  throw new Error('nobody waits')
}
