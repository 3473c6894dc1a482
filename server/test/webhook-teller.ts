import { Webhook } from 'standardwebhooks'
import { appendEvents, type EventHub, openEventHub } from '#core/events'
import { createEndpoint, type Endpoint, type WebhookStyle } from '#core/webhooks'
import type { Context, RaisedEvent } from '#kit/context'
import { all, inTransaction, sql } from '#kit/db'
import { openHttpClient } from '#kit/http-client'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { openWebhookTeller, type WebhookTeller } from '../src/dispatch/webhooks/webhook-teller.ts'
import { testSecretBox, testWorkspace } from './context.ts'
import type { TestDatabase } from './database.ts'
import type { Told } from './webhook-receiver.ts'

export const HOUR_MS = 3_600_000

/** A door of the tests: our names, Standard Webhooks headers, a short schedule. */
export const testStyle: WebhookStyle = {
  retryAfterMs: [5_000, 60_000, 300_000],
  disableAfter: { kind: 'failingForMs', ms: 24 * HOUR_MS },
  async render(_db, _workspaceId, events) {
    return new Map(
      events.map((event) => [
        event.seq,
        [
          {
            eventId: event.id,
            type: event.type,
            body: JSON.stringify({ seq: event.seq, id: event.id, type: event.type, facts: event.facts }),
          },
        ],
      ]),
    )
  },
  wants: (names, event) => names.includes('*') || names.includes(event.type),
  headers({ eventId, body, at, secrets }) {
    const signatures = secrets.map(({ secret }) => new Webhook(secret).sign(eventId, at, body))
    return {
      'webhook-id': eventId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': signatures.join(' '),
    }
  },
}

/** Verbs and tellers over one database, as a house would join them. */
export async function openWebhookWorld(house: TestDatabase, styles: Record<string, WebhookStyle> = { canonical: testStyle }) {
  const log = openLog(process.env.CHASQUI_TEST_LOG === 'warn' ? 'warn' : 'silent')
  const http = openHttpClient({ allowNetworks: ['127.0.0.0/8'] })
  const hub: EventHub = openEventHub({ database: house.database, log })
  const tellers: WebhookTeller[] = []
  return {
    http,
    hub,
    /** A workspace of its own and a context in it. */
    async workspace() {
      const events = { append: appendEvents, hint: (raised: readonly RaisedEvent[]) => hub.hint(raised) }
      const { ctx } = await testWorkspace(house, { ports: { http, events } })
      return ctx
    },
    endpoint: async (ctx: Context, input: { url: string; events?: string[]; style?: string; channelId?: string }) =>
      createEndpoint(ctx, { events: ['*'], ...input }),
    /** Writes events as a verb would. */
    async raise(ctx: Context, events: readonly (Partial<RaisedEvent> | undefined)[]): Promise<RaisedEvent[]> {
      const raised = events.map((event) => ({
        id: newId(),
        workspaceId: ctx.workspaceId,
        type: 'message.sent',
        subjects: {},
        facts: {},
        ...event,
      }))
      await inTransaction(house.database.db, {}, async (tx) => appendEvents(tx, raised))
      hub.hint(raised)
      return raised
    },
    /** Another node. */
    teller(more: Partial<Parameters<typeof openWebhookTeller>[0]> = {}): WebhookTeller {
      const { database, clock } = house
      const teller = openWebhookTeller({
        database,
        http,
        secretBox: testSecretBox,
        styles: new Map(Object.entries(styles)),
        hub,
        clock,
        log,
        ...more,
      })
      tellers.push(teller)
      teller.start()
      return teller
    },
    cursorOf: async (endpoint: Pick<Endpoint, 'id'>) =>
      (await all(house.database.db, sql<{ cursor: number }>`select cursor_seq as cursor from endpoints where id = ${endpoint.id}`))[0]
        ?.cursor,
    waiting: async (ctx: Context) =>
      await all(
        house.database.db,
        sql<{
          due: Date
          attempt: number
        }>`select due_at as due, attempt from outbox where kind = 'delivery' and workspace_id = ${ctx.workspaceId} order by due_at`,
      ),
    /** Ends the tellers and forgets every endpoint, so that the next test hears nothing of this one. */
    async quiet() {
      await Promise.all(tellers.splice(0).map((teller) => teller.close(0)))
      await sql`delete from endpoints`.execute(house.database.db)
      await sql`delete from outbox where kind = 'delivery'`.execute(house.database.db)
      await house.moveClock('0')
    },
    async close() {
      await Promise.all(tellers.splice(0).map((teller) => teller.close(0)))
      await hub.close()
      await http.close()
    },
  }
}

export type WebhookWorld = Awaited<ReturnType<typeof openWebhookWorld>>

/** The numbers of the events that were told, in their order. */
export const seqs = (told: readonly Told[]): number[] => told.map(seqOf).sort((a, b) => a - b)
export const seqOf = ({ body }: Told) => (JSON.parse(body) as { seq: number }).seq // as testStyle wrote it

export const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
/** So many events, of which nothing matters. */
export const many = (count: number) => Array.from({ length: count }, () => ({}))

/** Asks until it is so; rejects after 15 s. For what no event announces. */
export async function eventually<Value>(look: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> {
  const end = performance.now() + 15_000
  for (;;) {
    const value = await look()
    if (isSo(value)) return value
    if (performance.now() > end) throw new Error(`it never became so: ${JSON.stringify(value)}`)
    await new Promise((done) => setTimeout(done, 20))
  }
}
