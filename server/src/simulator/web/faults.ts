import { normalNumber } from '../phones.ts'
import { timeLockOf } from './answer-newsletters.ts'
import { post } from './devices.ts'
import type { Addressing } from './fault-book.ts'
import { type Node, newStanzaId, node, SERVER_JID, seconds } from './nodes.wire.ts'
import { askAgain } from './retries.ts'
import { devicesOf, type WebState } from './web-state.ts'
import { redeliver } from './write-inbound.ts'

/** What can go wrong between a client and WhatsApp. Receipts that come twice, late, in the wrong order or never are faults of the network. */
export interface WebFaults {
  /** Ends the connections of a number: 401 removed, 403 banned, 440 replaced, 503, 515 and others. */
  close(number: string, code: number): void
  /** Logins of a number are refused with this code; undefined ends it. */
  failLogin(number: string, code: number | undefined): void
  /** Logins of a number with an older revision of WhatsApp Web are refused with 405, and the page names this one; undefined ends it. */
  outdate(number: string, revision: number | undefined): void
  /** The network is gone, without a word. */
  drop(number: string): void
  /** Logins of a number are cut while it is on. */
  refuse(number: string, on: boolean): void
  /** Logins of a number are heard and never answered while it is on. */
  stall(number: string, on: boolean): void
  /** Messages are read and never acknowledged. */
  blackHole(number: string, on: boolean): void
  /** Messages to this recipient (a number, or a JID) are refused with an error; undefined ends it. */
  refuseMessages(to: string, code: number | undefined): void
  /** What a number asks about groups is refused with an error; undefined ends it. */
  refuseGroups(number: string, code: number | undefined): void
  /** The devices of a number are told that what they know of this kind (`groups`, `account_sync`) is out of date. */
  dirty(number: string, type: string): void
  /** The devices of a number are sent a frame that does not open. */
  garble(number: string): void
  holdAcks(number: string): void
  /** Sends what was held, in the order of arrival, or in the opposite. */
  releaseAcks(number: string, order?: 'kept' | 'reversed'): void
  /** Milliseconds; 0 ends it. */
  delayAcks(number: string, ms: number): void
  /** The phone of a recipient cannot open the next messages and asks for them again. */
  failDecrypt(recipient: string, times: number): void
  /** A phone asks a number for a message that it could not open, or says so. */
  askAgain(number: string, phone: string, wireId: string): void
  /** How a phone names itself: by its number, by a LID that tells the number too, or by the LID alone. */
  address(phone: string, addressing: Addressing): void
  /** What a phone writes goes to a list of people, the business among them. */
  writeToList(phone: string, on: boolean): void
  /** The next messages of a phone come without what they say, which only the business's own phone has: its devices ask it. */
  hide(phone: string, times: number): void
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
    outdate: (number, revision) => toggle(faults.oldestRevisions, number, revision),
    drop(number) {
      for (const connection of connectionsOf(number)) connection.cut()
    },
    refuse: (number, on) => flag(faults.refusing, number, on),
    stall: (number, on) => flag(faults.stalled, number, on),
    blackHole: (number, on) => flag(faults.blackHoles, number, on),
    refuseMessages: (to, code) => toggle(faults.ackErrors, to, code),
    refuseGroups: (number, code) => toggle(faults.groupErrors, number, code),
    dirty(number, type) {
      const told = node('dirty', { type, timestamp: seconds(state.network.time.now()) })
      for (const connection of connectionsOf(number)) connection.send(node('ib', { from: SERVER_JID }, [told]))
    },
    garble(number) {
      for (const connection of connectionsOf(number)) connection.garble()
    },
    holdAcks: (number) => toggle(faults.heldAcks, number, []),
    releaseAcks(number, order = 'kept') {
      const held = faults.heldAcks.get(normalNumber(number)) ?? []
      faults.heldAcks.delete(normalNumber(number))
      for (const send of order === 'kept' ? held : held.toReversed()) send()
    },
    delayAcks: (number, ms) => toggle(faults.ackDelays, number, ms || undefined),
    failDecrypt: (recipient, times) => toggle(faults.unreadable, recipient, times),
    askAgain(number, phone, wireId) {
      const person = state.people.of(normalNumber(phone))
      const stanza = node('message', { id: wireId, to: person.phoneJid })
      for (const device of devicesOf(state, normalNumber(number))) askAgain(state, device, { stanza, person })
    },
    address: (phone, addressing) => toggle(faults.addressing, phone, addressing),
    writeToList: (phone, on) => flag(faults.listWriters, phone, on),
    hide: (phone, times) => toggle(faults.hidden, phone, times),
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
