import type { Verdict } from '../network.types.ts'
import type { RefusalWord } from '../refusals.ts'
import type { Device } from './devices.ts'
import { type Node, node, seconds } from './nodes.wire.ts'
import type { WebState } from './web-state.ts'

/** What WhatsApp says where Meta's own API has a number of its own. Somebody who is not on WhatsApp is no error: the message just never arrives. */
const ERRORS: Readonly<Partial<Record<RefusalWord, number>>> = {
  rate_limited: 429,
  pair_limited: 429,
  window_closed: 463,
  no_such_message: 400,
  not_in_group: 403,
  overloaded: 503,
  undeliverable: 479,
}

/** The error of an acknowledgement; a refusal that was asked for by its number has that number. */
export function errorOf(verdict: Verdict): number | undefined {
  if (verdict.kind === 'broken') return verdict.code ?? verdict.status
  if (verdict.kind !== 'refused') return undefined
  const { word, code } = verdict.refusal
  return word === 'on_demand' ? code : ERRORS[word]
}

export type Acknowledge = (told?: { error?: number | undefined; serverId?: number }) => void

/** Tells the device that the server has its message, now, later, or when it is let go: over the connection that the message came by. */
export function openAcknowledge(state: WebState, { account, connection }: Device, stanza: Node): Acknowledge {
  const { id, to, participant } = stanza.attrs
  const { number } = account.person
  const { time } = state.network
  return ({ error, serverId } = {}) => {
    const send = () =>
      void connection?.send(
        node('ack', { class: 'message', id, from: to, participant, t: seconds(time.now()), error, server_id: serverId }),
      )
    const held = state.faults.heldAcks.get(number)
    const delay = state.faults.ackDelays.get(number)
    if (held) held.push(send)
    else if (delay !== undefined) time.after(delay, send)
    else send()
  }
}
