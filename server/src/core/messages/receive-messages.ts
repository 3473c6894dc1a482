import type { InboundMessage } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, type Db, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { hearOptOuts, type OptOutRules } from './hear-opt-outs.ts'
import { deedTarget, eventTypeOf, type Heard, type HeardRow } from './heard.ts'
import type { NewMessage } from './new-message.ts'
import { placeHeard } from './place-heard.ts'
import { freeFromLine, touchConversations } from './receive-messages.store.ts'
import { subjectsOf } from './subjects-of.ts'
import { takeFresh } from './take-fresh.ts'
import type { QueueTouches } from './touch-queues.ts'
import { writeHeard } from './write-heard.ts'

/** `hasLine`: it is an own number, where messages to people who never wrote wait in line. */
type Channel = { workspaceId: string; id: string; hasLine?: boolean }
type Parts = { database: Database; events: Ports['events']; touches: QueueTouches; optOuts: OptOutRules }

/** `echoes`: messages that we sent ourselves, told back before we knew what became of them. */
export type Received = { fresh: number; echoes: InboundMessage[] }

/** Keeps what people wrote, and the owner on the phone, once each: N in, N rows; a repeat adds none. */
export async function receiveMessages(parts: Parts, channel: Channel, messages: readonly InboundMessage[]): Promise<Received> {
  const { kept, echoes } = await inTransaction(parts.database.engine, {}, async (db) => {
    const { fresh, echoes } = await takeFresh(
      db,
      channel,
      messages.map((message) => ({ message, id: newId() })),
    )
    const kept = fresh.length > 0 ? await keep(db, parts, channel, fresh) : NOTHING
    if (kept.raised.length > 0) parts.events.append(db, kept.raised)
    return { kept, echoes }
  })
  if (kept.raised.length > 0) parts.events.hint(kept.raised)
  for (const { queueId, createdAt } of kept.answers) parts.touches.touch(queueId, createdAt)
  for (const queueId of kept.freed) parts.touches.touch(queueId, parts.optOuts.now)
  return { fresh: kept.count, echoes }
}

/** `freed`: queues in which a message to somebody who has just written need not wait any more. */
type Kept = { count: number; raised: RaisedEvent[]; answers: NewMessage[]; freed: number[] }
const NOTHING: Kept = { count: 0, raised: [], answers: [], freed: [] }

async function keep(db: Db, parts: Parts, channel: Channel, fresh: readonly Heard[]): Promise<Kept> {
  const { rows, newContacts, newConversations } = await placeHeard(db, channel, fresh, { names: 'take' })
  await touchConversations(db, rows)
  const wrote = rows.flatMap(({ direction, contactId }, i) =>
    direction === 'in' && fresh[i]?.message.group === undefined ? (contactId ?? []) : [],
  )
  const freed = channel.hasLine && wrote.length > 0 ? await freeFromLine(db, channel, wrote) : []
  const forged = await writeHeard(db, channel, { rows, origin: 'phone' })
  const heard = await hearOptOuts(db, channel, rows, parts.optOuts)
  const made = (type: string, subjects: Record<string, string>, facts: Record<string, unknown> = {}): RaisedEvent => ({
    id: newId(),
    workspaceId: channel.workspaceId,
    type,
    subjects,
    facts,
  })
  const raised = [
    ...newContacts.map((contactId) => made('contact.created', { contactId })),
    ...newConversations.map((conversationId) => made('conversation.opened', { conversationId, channelId: channel.id })),
    ...rows
      .filter(({ id }) => !forged.has(id))
      .map((row) => made(eventTypeOf(row), { ...subjectsOf({ ...row, channelId: channel.id }), ...targetSubject(row) }, factsOf(row))),
    ...heard.raised,
  ]
  return { count: rows.length, raised, answers: heard.answers, freed }
}

/** Tells readers who changed or took back a message, and of what stands on the phone that nobody asked us to send it. */
const factsOf = ({ direction, content }: HeardRow): Record<string, unknown> => ({
  ...((content.type === 'edit' || content.type === 'revoke') && { fromMe: direction === 'out' }),
  ...(direction === 'out' && { origin: 'phone' }),
})

function targetSubject({ content, targetId, replyTo }: HeardRow): Record<string, string> {
  const targetMessageId = deedTarget(content) === undefined ? replyTo : targetId
  return targetMessageId === undefined ? {} : { targetMessageId }
}
