import type { BinaryNode } from 'baileys'
import type { Receipt } from '#core/transport'
import { isMe, type Me, toSender } from './addresses.ts'
import { outcomeOfAck } from './outcomes.ts'
import { timeOf } from './stanza.wire.ts'
import { toWireId } from './wire-id.ts'

/** What others' phones tell of our messages; every other type is between phones, or between our own devices. */
const STATES: Readonly<Record<string, Receipt['state']>> = { delivered: 'delivered', inactive: 'delivered', read: 'read', played: 'played' }

/** A refusal that comes when the message was taken already, or nobody waits for the answer any more. What may be tried again is left to the message's own window. */
export function toLateRefusal(attributes: Readonly<Record<string, string>>): Receipt[] {
  const outcome = outcomeOfAck(attributes)
  if (outcome.kind !== 'rejected') return []
  const { code, reason, advice } = outcome
  const failure = { code, reason, ...(advice !== undefined && { advice }) }
  return toEach([attributes.id], 'failed', timeOf(attributes.t), undefined).map((receipt) => ({ ...receipt, failure }))
}

const IDS_MOST = 1_000

/** How far our messages got, from a receipt as it comes; none when it is about something else. */
export function toReceipts({ attrs, content }: BinaryNode, me: Me): Receipt[] {
  const { type = 'delivered', from = '', participant, recipient } = attrs
  const state = Object.hasOwn(STATES, type) ? STATES[type] : undefined
  // `recipient` stands in what our own other devices did to messages of others
  if (state === undefined || recipient !== undefined || isMe(participant ?? from, me)) return []
  const children = Array.isArray(content) ? content : []
  const many = children.filter(({ tag }) => tag === 'participants')
  if (many.length > 0) return many.flatMap((node) => ofMany(node, state, attrs.t)).slice(0, IDS_MOST)
  const listed = children.filter(({ tag }) => tag === 'list').flatMap(({ content: items }) => (Array.isArray(items) ? items : []))
  const ids = [attrs.id, ...listed.filter(({ tag }) => tag === 'item').map((item) => item.attrs.id)]
  const who = recipientOf(participant ?? from, attrs.participant_pn ?? attrs.sender_pn)
  return toEach(ids, state, timeOf(attrs.t), who)
}

/** One message of a group, and all whom it reached since. */
function ofMany({ attrs, content }: BinaryNode, state: Receipt['state'], t: string | undefined): Receipt[] {
  const users = Array.isArray(content) ? content.filter(({ tag }) => tag === 'user') : []
  return users.flatMap((user) =>
    toEach([attrs.key], state, timeOf(user.attrs.t ?? t), recipientOf(user.attrs.jid, user.attrs.participant_pn)),
  )
}

function toEach(
  ids: readonly (string | undefined)[],
  state: Receipt['state'],
  at = new Date(),
  recipient: Receipt['recipient'],
): Receipt[] {
  return [...new Set(ids)]
    .slice(0, IDS_MOST)
    .flatMap((id) => toWireId(id) ?? [])
    .map((wireId) => ({ wireId, state, at, ...(recipient && { recipient }) }))
}

function recipientOf(...jids: readonly (string | undefined)[]): Receipt['recipient'] {
  const { phone, waId } = toSender(...jids)
  return phone !== undefined && waId !== undefined ? { phone, waId } : undefined
}
