import { withPlus } from '#core/addresses'
import type { ChannelNotice, OptOut, Receipt } from '#core/transport'
import { type Fields, fields, id, known, list, text } from '#kit/lenient'
import { failureOf, optOutOf, toGraphError } from './errors.ts'
import { phoneText, toWireId } from './inbound.wire.ts'
import { toTime } from './time.ts'

const STATES = { sent: 'sent', delivered: 'delivered', read: 'read', played: 'played', failed: 'failed' } as const satisfies Record<
  string,
  Receipt['state']
>
const isState = (word: string | undefined): word is Receipt['state'] => word !== undefined && Object.hasOwn(STATES, word)

const CALLBACK_DATA_MOST = 512

/** One item of `statuses`: a receipt, and what its failure says about the person; a status we have no word for is a notice. */
export function readStatus(status: Fields, now: Date): { receipt: Receipt; optOut?: OptOut } | { notice: ChannelNotice } {
  const state = text(status.status)
  if (!isState(state)) return { notice: { type: 'unknown_status', facts: known({ status: state, wireId: id(status.id) }) } }
  const error = state === 'failed' ? toGraphError(list(status.errors)[0]) : undefined
  const callbackData = text(status.biz_opaque_callback_data)
  const at = toTime(status.timestamp) ?? now
  const recipient = recipientOf(status)
  const receipt: Receipt = {
    wireId: toWireId(status.id, status),
    state,
    at,
    ...known({
      callbackData: callbackData !== undefined && callbackData.length <= CALLBACK_DATA_MOST ? callbackData : undefined,
      failure: state === 'failed' ? (error ? failureOf(error) : UNTOLD) : undefined,
      recipient,
      facts: factsOf(status),
    }),
  }
  const optOut = error && optOutOf(error)
  return optOut && recipient ? { receipt, optOut: { from: recipient, category: optOut, out: true, at } } : { receipt }
}

const UNTOLD = { code: 'failed', reason: 'The network reported a failure and no cause' }

function recipientOf(status: Fields): Receipt['recipient'] {
  const toGroup = status.recipient_type === 'group'
  const waId = phoneText(toGroup ? status.recipient_participant_id : status.recipient_id)
  const bsuid = id(status.recipient_user_id)
  if (waId === undefined && bsuid === undefined) return undefined
  return known({ waId, phone: waId === undefined ? undefined : withPlus(waId), bsuid })
}

/** What it cost, and what else belongs to the message. */
function factsOf(status: Fields): Record<string, unknown> | undefined {
  const { pricing, conversation } = status
  const errors = list(status.errors)
  const facts = known({
    pricing,
    conversation: conversation === undefined ? undefined : fields(conversation),
    group: status.recipient_type === 'group' ? id(status.recipient_id) : undefined,
    errors: errors.length > 0 ? errors : undefined,
  })
  return Object.keys(facts).length > 0 ? facts : undefined
}
