import { afterAll, beforeAll } from 'vitest'
import { readEvents } from '#core/events'
import { getMessage, listMessages, type Message, sendMessage } from '#core/messages'
import type { HistoryChat, InboundMessage, Incoming, Sender } from '#core/transport'
import { openMetrics } from '#kit/metrics'
import { applyIncoming } from '../src/dispatch/apply-incoming.ts'
import { openHearing } from '../src/dispatch/hearing.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type Doors, openDoors } from './doors/doors.ts'
import { openSettlerOver } from './laws/engine-stage.ts'

/** An own number in a workspace of its own, its doors, and what its network tells. Nothing is sent. */
async function openInboundStage(doors: Doors, test: TestDatabase) {
  const { database, clock } = test
  const tenant = await doors.tenant({ environment: 'test' })
  const { workspace, key } = tenant
  const settler = openSettlerOver(database, { touches: doors.ports.touches })
  const ctx = { ...tenant.ctx, ports: { ...tenant.ctx.ports, settler } }
  const channelId = tenant.own.id
  const metrics = openMetrics()
  let last = 0
  const stage = {
    ctx,
    workspaceId: workspace.id,
    channelId,
    phone: tenant.own.phone,
    async take(incoming: Partial<Incoming>): Promise<void> {
      const channel = await ctx.ports.channels.get(workspace.id, channelId)
      if (!channel) throw new Error('the channel is not there')
      const parts = { database, ports: ctx.ports, metrics, hearing: openHearing(database), now: () => clock.now() }
      await applyIncoming(parts, channel, { messages: [], receipts: [], notices: [], ...incoming })
      ctx.ports.addressBook.forget(workspace.id) // what a NOTIFY does
    },
    said: (from: Sender, text: string, more: Partial<InboundMessage> = {}): InboundMessage => ({
      wireId: `IN${++last}-${channelId}`,
      from,
      at: clock.now(),
      content: { type: 'text', text },
      ...more,
    }),
    own: (to: Sender | undefined, text: string, more: Partial<InboundMessage> = {}): InboundMessage =>
      stage.said({}, text, { own: to ? { to } : {}, ...more }),
    chat: (person: Sender, messages: HistoryChat['messages'], more: Partial<HistoryChat> = {}): HistoryChat => ({
      with: { person },
      unread: 0,
      archived: false,
      messages,
      ...more,
    }),
    send: async (to: string, text: string, more: { sendAt?: Date } = {}): Promise<Message> =>
      (await sendMessage(ctx, { to, channelId, content: { type: 'text', text }, ...more })).message,
    ask: async <Body>(path: string, method = 'GET', body?: unknown): Promise<Body> =>
      (await doors.ask({ path, method, key, ...(body !== undefined && { body }) })).body as Body, // the test says what it expects
    messages: async (): Promise<Message[]> => (await listMessages(ctx, { limit: 200, order: 'asc' })).rows,
    message: (messageId: string) => getMessage(ctx, { messageId }),
    events: (after = 0) => readEvents(ctx.db, workspace.id, after, 1_000),
    eventTypes: async () => (await readEvents(ctx.db, workspace.id, 0, 1_000)).map(({ type }) => type),
  }
  return stage
}
export type InboundStage = Awaited<ReturnType<typeof openInboundStage>>

export const wordsOf = ({ content }: Message): string | undefined => ('text' in content ? content.text : undefined)

/** A database and doors for the tests of a file, opened before them and closed after them. */
export function inboundStages() {
  let test: TestDatabase
  let doors: Doors
  beforeAll(async () => {
    test = await testDatabase()
    doors = await openDoors(test, { logLevel: 'silent' })
  })
  afterAll(async () => {
    await doors?.close()
    await test?.close()
  })
  return {
    open: (): Promise<InboundStage> => openInboundStage(doors, test),
    get test() {
      return test
    },
  }
}
