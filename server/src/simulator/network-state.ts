import { randomBytes } from 'node:crypto'
import { type ChatBook, createChatBook } from './chats.ts'
import { createFaults, type Faults } from './faults.ts'
import { createFiles, type Files } from './files.ts'
import { createGroupBook, type GroupBook } from './groups.ts'
import { type Delays, type Journeys, planJourneys, USUAL_DELAYS } from './journeys.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createLimits, type Limits } from './limits.ts'
import type { BusinessSettings, NetworkEvents, NetworkOptions, NetworkStats } from './network.types.ts'
import { createPhones, type Phones } from './phones.ts'
import { type SimulatedTime, systemTime } from './time.ts'
import { createTimerWheel, type TimerWheel } from './timer-wheel.ts'

type Listeners = { [Name in keyof NetworkEvents]: ((event: NetworkEvents[Name]) => void)[] }

/** What the network's verbs share. */
export type NetworkState = {
  time: SimulatedTime
  wheel: TimerWheel
  phones: Phones
  chats: ChatBook
  groups: GroupBook
  ledger: Ledger
  files: Files
  faults: Faults
  limits: Limits
  businesses: Map<string, BusinessSettings>
  listeners: Listeners
  delays: Delays
  scale: number
  journeys: Journeys
  keepsBubbles: boolean
  mostOnTheWay: number
  messageKeyOf: (callbackData: string) => string
  /** How often a message to a number that throttles, or cuts, was tried. */
  tries: Map<string, number>
  /** Chosen wire ids, where no bubbles are kept. */
  seen: Map<string, true>
  newWireId(): string
  counts: Omit<NetworkStats, 'onTheWay' | 'sends'>
}

/** 'installation:message:attempt' without its last part; other data as it is. */
function withoutAttempt(callbackData: string): string {
  const [first, second, attempt, more] = callbackData.split(/[:.|/]/, 4)
  const counted = first && second && attempt && more === undefined && /^\d{1,4}$/.test(attempt)
  return counted ? callbackData.slice(0, -attempt.length - 1) : callbackData
}

export const scaled = (delays: Delays, scale: number): Delays => ({
  sentMs: delays.sentMs * scale,
  deliveredMs: delays.deliveredMs * scale,
  readMs: delays.readMs * scale,
  answerMs: delays.answerMs * scale,
  lateMs: delays.lateMs * scale,
})

export function openState(options: NetworkOptions): NetworkState {
  const time = options.time ?? systemTime
  const delays = { ...USUAL_DELAYS, ...options.delays }
  const scale = options.scale ?? 1
  const origin = randomBytes(9).toString('base64url') // ids stay unique over restarts
  let made = 0
  return {
    time,
    wheel: createTimerWheel(time),
    phones: createPhones(),
    chats: createChatBook({ mostChats: options.mostChats ?? 10_000, mostBubbles: options.mostBubbles ?? 500 }),
    groups: createGroupBook(time.now),
    ledger: createLedger(options.mostCounted ?? 2_000_000),
    files: createFiles(time.now, options.mostFileBytes ?? 512 * 2 ** 20),
    faults: createFaults(options.random ?? Math.random),
    limits: createLimits(time.now),
    businesses: new Map(),
    listeners: { receipt: [], message: [], bubble: [], group: [] },
    delays,
    scale,
    journeys: planJourneys(scaled(delays, scale)),
    keepsBubbles: options.keepChats !== 'counts',
    mostOnTheWay: options.mostOnTheWay ?? 1_000_000,
    messageKeyOf: options.messageKeyOf ?? withoutAttempt,
    tries: new Map(),
    seen: new Map(),
    newWireId: () => `wamid.${origin}${(++made).toString(36).padStart(8, '0')}`,
    counts: { attempts: 0, accepted: 0, refused: 0, broken: 0, dropped: 0, repeats: 0, receipts: 0, inbound: 0 },
  }
}

export function tell<Name extends keyof NetworkEvents>(state: NetworkState, name: Name, event: NetworkEvents[Name]): void {
  for (const listener of state.listeners[name]) listener(event)
}
