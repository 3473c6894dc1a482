import type { ChannelKind, ClosedReason } from '#core/transport'
import type { ColdStanding } from './cold-pace.ts'
import type { PacingWishes } from './pacing.ts'

export type ChannelState = 'connecting' | 'awaiting_scan' | 'open' | 'degraded' | 'closed'
/** How a sandbox channel behaves. */
export type Persona = 'own_number' | 'cloud'

export type Channel = {
  id: string
  number: number
  workspaceId: string
  kind: ChannelKind
  name: string
  /** E.164; '' for an own number that no phone has linked yet. */
  phone: string
  state: ChannelState
  /** logged_out, banned, replaced, bad_credentials, network, paused, … */
  stateReason: string | undefined
  /** Closed for a moment: when it is back by itself. */
  reopensAt: Date | undefined
  settings: ChannelSettings
  /** Meta's phone number id; the sandbox's cloud persona has one too. */
  remoteId: string | undefined
  /** Meta's WABA id. */
  accountId: string | undefined
  /** The last part of its inbound webhook URL. */
  hookKey: string
  paused: boolean
  /** Messages a second now, and what it may grow back to. */
  rate: number
  rateCeiling: number
  /** How it stands with people who never wrote to it; undefined: no rules for them bind it. */
  cold: ColdStanding | undefined
  createdAt: Date
}

/** A degraded cloud channel sends on; a degraded own number has lost its connection. */
export const isAble = ({ kind, state }: Pick<Channel, 'kind' | 'state'>): boolean =>
  state === 'open' || (kind !== 'web' && state !== 'closed')

export const RELOADING: ClosedReason = 'reloading'

/** Closed for these, an own number is still linked. */
const KEEPS_KEYS: ReadonlySet<string | undefined> = new Set<ClosedReason>([
  'replaced',
  'outdated',
  'network',
  'not_installed',
  'unreadable_keys',
  RELOADING,
])

/** It is closed, and there is a session that comes back or can be taken up again. */
export const isResting = ({ state, stateReason, reopensAt }: Pick<Channel, 'state' | 'stateReason' | 'reopensAt'>): boolean =>
  state === 'closed' && (reopensAt !== undefined || KEEPS_KEYS.has(stateReason))

/** There is a session that somebody could end or take up again. */
export const hasSession = (channel: Pick<Channel, 'kind' | 'state' | 'stateReason' | 'phone' | 'reopensAt'>): boolean => {
  const { kind, state, phone } = channel
  return kind !== 'web' || isAble(channel) || state === 'degraded' || (phone !== '' && (state === 'connecting' || isResting(channel)))
}

export type ChannelSettings = {
  persona?: Persona
  /** Messages a second at most; the transport's default when absent. */
  rate?: number
  dailyCap?: number
  /** 1,000/s numbers, coexistence numbers at 20/s. */
  throughput?: 'standard' | 'high' | 'coexistence'
  /** Of an own number: what was wished. */
  pacing?: PacingWishes
  [more: string]: unknown
}

/** What a cloud channel needs to send and to be told. */
export type CloudCredentials = { accessToken: string; appSecret: string; verifyToken: string }
