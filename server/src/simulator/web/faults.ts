import { normalNumber } from '../phones.ts'
import { timeLockOf } from './answer-newsletters.ts'
import { post } from './devices.ts'
import type { Addressing } from './fault-book.ts'
import { type Node, newStanzaId, node, SERVER_JID, seconds } from './nodes.wire.ts'
import { devicesOf, type WebState } from './web-state.ts'
import { redeliver } from './write-inbound.ts'

/** What can go wrong between a client and WhatsApp. Receipts that come twice, late, in the wrong order or never are faults of the network. */
export interface WebFaults {
  /** Ends the connections of a number: 401 removed, 403 banned, 440 replaced, 503, 515 and others. */
  close(number: string, code: number): void
  /** Logins of a number are refused with this code; undefined ends it. */
  failLogin(number: string, code: number | undefined): void
  /** The network is gone, without a word. */
  drop(number: string): void
  /** Logins of a number are cut while it is on. */
  refuse(number: string, on: boolean): void
  /** Messages are read and never acknowledged. */
  blackHole(number: string, on: boolean): void
  /** Messages to this recipient (a number, or a JID) are refused with an error; undefined ends it. */
  refuseMessages(to: string, code: number | undefined): void
  holdAcks(number: string): void
  /** Sends what was held, in the order of arrival, or in the opposite. */
  releaseAcks(number: string, order?: 'kept' | 'reversed'): void
  /** Milliseconds; 0 ends it. */
  delayAcks(number: string, ms: number): void
  /** The phone of a recipient cannot open the next messages and asks for them again. */
  failDecrypt(recipient: string, times: number): void
  /** How a phone names itself: by its number, by a LID that tells the number too, or by the LID alone. */
  address(phone: string, addressing: Addressing): void
  /** Who is asked for under this number is known to the network under another spelling of it; undefined ends it. */
  spell(number: string, as: string | undefined): void
  /** A message that a phone wrote comes once more, under the same id and sealed anew. */
  redeliver(wireId: string): Promise<void>
  /** The account may begin no new chats until then (milliseconds since 1970); its devices are told. Undefined ends it. */
  lockReachout(number: string, until: number | undefined): void
  clear(): void
}

export function createFaults(state: WebState): WebFaults {
  const { faults } = state
  const toggle = <T>(map: Map<string, T>, number: string, value: T | undefined) =>
    value === undefined ? void map.delete(normalNumber(number)) : void map.set(normalNumber(number), value)
  const connectionsOf = (number: string) => devicesOf(state, normalNumber(number)).flatMap(({ connection }) => connection ?? [])
  const flag = (set: Set<string>, number: string, on: boolean) =>
    void (on ? set.add(normalNumber(number)) : set.delete(normalNumber(number)))
  return {
    close(number, code) {
      for (const connection of connectionsOf(number)) connection.end(goodbye(code))
    },
    failLogin: (number, code) => toggle(faults.loginFailures, number, code),
    drop(number) {
      for (const connection of connectionsOf(number)) connection.cut()
    },
    refuse: (number, on) => flag(faults.refusing, number, on),
    blackHole: (number, on) => flag(faults.blackHoles, number, on),
    refuseMessages: (to, code) => toggle(faults.ackErrors, to, code),
    holdAcks: (number) => toggle(faults.heldAcks, number, []),
    releaseAcks(number, order = 'kept') {
      const held = faults.heldAcks.get(normalNumber(number)) ?? []
      faults.heldAcks.delete(normalNumber(number))
      for (const send of order === 'kept' ? held : held.toReversed()) send()
    },
    delayAcks: (number, ms) => toggle(faults.ackDelays, number, ms || undefined),
    failDecrypt: (recipient, times) => toggle(faults.unreadable, recipient, times),
    address: (phone, addressing) => toggle(faults.addressing, phone, addressing),
    spell: (number, as) => toggle(faults.spellings, number, as === undefined ? undefined : normalNumber(as)),
    redeliver: (wireId) => redeliver(state, wireId),
    lockReachout(number, until) {
      toggle(faults.reachoutLocks, number, until)
      tellTimeLock(state, normalNumber(number))
    },
    clear() {
      for (const list of Object.values(faults)) list.clear()
    },
  }
}

function tellTimeLock(state: WebState, number: string): void {
  const data = { data: { xwa2_notify_account_reachout_timelock: timeLockOf(state, number) } }
  const update = node('update', { op_name: 'NotificationUserReachoutTimelockUpdate' }, Buffer.from(JSON.stringify(data)))
  const attrs = { from: SERVER_JID, type: 'mex', id: newStanzaId(), t: seconds(state.network.time.now()) }
  for (const device of devicesOf(state, number)) post(device, node('notification', attrs, [update]))
}

const REASONS: Readonly<Record<number, Node>> = {
  401: node('conflict', { type: 'device_removed' }),
  440: node('conflict', { type: 'replaced' }),
}

const goodbye = (code: number): Node => node('stream:error', { code: code === 440 ? undefined : code }, REASONS[code] && [REASONS[code]])
