import { withPlus } from '#core/addresses'
import { identitiesOf, resolveContacts } from '#core/contacts'
import { resolveConversations } from '#core/conversations'
import type { InboundMessage, Sender } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, type Db, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import { hearOptOuts, type OptOutRules } from './hear-opt-outs.ts'
import type { NewMessage } from './new-message.ts'
import { receiveEdits } from './receive-edits.ts'
import { freeFromLine, insertFetches, insertReceived, type ReceivedRow, takeWireIds, touchConversations } from './receive-messages.store.ts'
import { receivePins } from './receive-pins.ts'
import { subjectsOf } from './subjects-of.ts'
import type { QueueTouches } from './touch-queues.ts'
import { findMessageIds } from './wire-ids.store.ts'

/** `hasLine`: it is an own number, where messages to people who never wrote wait in line. */
type Channel = { workspaceId: string; id: string; hasLine?: boolean }
type Parts = { database: Database; events: Ports['events']; touches: QueueTouches; optOuts: OptOutRules }

/** Keeps what people wrote, once each: N in, N rows; a repeat adds none. `within` joins a transaction that marks the raw event as parsed. */
export async function receiveMessages(
  parts: Parts,
  channel: Channel,
  messages: readonly InboundMessage[],
  within?: (db: Db) => Promise<void>,
): Promise<{ fresh: number }> {
  const { fresh, raised, answers, freed } = await inTransaction(parts.database.engine, {}, async (db) => {
    const rows = messages.map((message) => ({ message, id: newId() }))
    const wires = uniqueByWireId(rows)
    const taken =
      wires.length > 0
        ? await takeWireIds(
            db,
            channel,
            wires.map(({ message, id }) => ({ wireId: message.wireId, messageId: id })),
          )
        : new Set<string>()
    const fresh = wires.filter(({ id }) => taken.has(id))
    const { raised, answers, freed } = fresh.length > 0 ? await keep(db, parts, channel, fresh) : NOTHING
    await within?.(db)
    if (raised.length > 0) parts.events.append(db, raised)
    return { fresh: fresh.length, raised, answers, freed }
  })
  if (raised.length > 0) parts.events.hint(raised)
  for (const { queueId, createdAt } of answers) parts.touches.touch(queueId, createdAt)
  for (const queueId of freed) parts.touches.touch(queueId, parts.optOuts.now)
  return { fresh }
}

type Fresh = { message: InboundMessage; id: string }
/** `freed`: queues in which a message to somebody who has just written need not wait any more. */
type Kept = { raised: RaisedEvent[]; answers: NewMessage[]; freed: number[] }
const NOTHING: Kept = { raised: [], answers: [], freed: [] }

const uniqueByWireId = (rows: readonly Fresh[]): Fresh[] => [...new Map(rows.map((row) => [row.message.wireId, row])).values()]

async function keep(db: Db, parts: Parts, channel: Channel, fresh: readonly Fresh[]): Promise<Kept> {
  const people = await resolveContacts(
    db,
    channel.workspaceId,
    fresh.map(({ message }) => ({ identities: identitiesOf(message.from), ...nameOf(message.from) })),
  )
  const places = await resolveConversations(
    db,
    fresh.map(({ message }, i) => ({
      ...pick(channel),
      contactId: message.group === undefined ? people[i]?.id : undefined, // a group is nobody's: who is erased takes none along
      address: message.group ?? addressOf(message.from),
    })),
  )
  const targets = await findMessageIds(
    db,
    channel,
    fresh.flatMap(({ message }) => targetWireId(message) ?? []),
  )
  const rows = fresh.map(({ message, id }, i): ReceivedRow => {
    const target = targetWireId(message)
    const targetId = target === undefined ? undefined : targets.get(target)
    const content =
      message.content.type === 'reaction' && 'wireId' in message.content && targetId
        ? { ...message.content, messageId: targetId }
        : message.content
    return {
      id,
      conversationId: places[i]?.id ?? '',
      contactId: people[i]?.id ?? '',
      address: message.group ?? addressOf(message.from),
      content,
      wireId: message.wireId,
      at: message.at,
      replyTo: message.repliesTo === undefined ? undefined : targets.get(message.repliesTo),
      facts: factsOf(message),
    }
  })
  await touchConversations(db, rows, isToRead)
  const privately = fresh.flatMap(({ message }, i) => (message.group === undefined ? (people[i]?.id ?? []) : []))
  const freed = channel.hasLine && privately.length > 0 ? await freeFromLine(db, channel, privately) : []
  await insertReceived(db, channel, rows)
  await receivePins(db, channel.workspaceId, rows, targets)
  await receiveEdits(db, channel.workspaceId, rows, targets)
  const files = rows.filter(({ content }) => 'remoteMedia' in content).map(({ id }) => id)
  if (files.length > 0) await insertFetches(db, channel, files)
  const heard = await hearOptOuts(db, channel, rows, parts.optOuts)
  const made = (type: string, subjects: Record<string, string>): RaisedEvent => ({
    id: newId(),
    workspaceId: channel.workspaceId,
    type,
    subjects,
    facts: {},
  })
  const raised = [
    ...people.filter(({ created }) => created).map(({ id }) => made('contact.created', { contactId: id })),
    ...places.filter(({ created }) => created).map(({ id }) => made('conversation.opened', { conversationId: id, channelId: channel.id })),
    ...rows.map((row) => made(eventTypeOf(row), { ...subjectsOf({ ...row, channelId: channel.id }), ...targetSubject(row, targets) })),
    ...heard.raised,
  ]
  return { raised, answers: heard.answers, freed }
}

const pick = ({ workspaceId, id }: Channel) => ({ workspaceId, channelId: id })

const EVENT_OF: Partial<Record<ReceivedRow['content']['type'], string>> = {
  reaction: 'message.reacted',
  poll_vote: 'message.poll_voted',
  edit: 'message.edited',
  revoke: 'message.deleted',
}
const eventTypeOf = ({ content }: ReceivedRow): string =>
  content.type === 'pin' ? (content.pinned ? 'message.pinned' : 'message.unpinned') : (EVENT_OF[content.type] ?? 'message.received')

/** What is done to a message is nothing to read. */
const isToRead = (row: ReceivedRow): boolean => eventTypeOf(row) === 'message.received'

function targetWireId({ content, repliesTo }: InboundMessage): string | undefined {
  return 'wireId' in content && typeof content.wireId === 'string' ? content.wireId : repliesTo
}

function targetSubject(row: ReceivedRow, targets: ReadonlyMap<string, string>): Record<string, string> {
  const wireId = 'wireId' in row.content && typeof row.content.wireId === 'string' ? row.content.wireId : undefined
  const target = wireId === undefined ? row.replyTo : targets.get(wireId)
  return target === undefined ? {} : { targetMessageId: target }
}

function factsOf({ context, from, group }: InboundMessage): Record<string, unknown> | undefined {
  const facts = { ...context, ...(group && { sender: from.phone ?? from.waId ?? from.bsuid ?? from.lid }) }
  return Object.keys(facts).length > 0 ? facts : undefined
}

const nameOf = ({ profileName }: Sender) => (profileName === undefined ? {} : { profileName })

const addressOf = ({ phone, waId, bsuid, lid }: Sender): string => {
  const number = phone ?? waId
  return number ? withPlus(number) : (bsuid ?? lid ?? 'unknown')
}
