import type { ClosedReason, DegradedReason } from '#core/transport'
import type { Channel, ChannelState } from './channel.ts'

/** What a person should know of a channel that is not open: what it means, and what to do. */
export type Advice = { meaning: string; action: string }

const LINK_AGAIN = 'Link it again: the channel, its conversations and its webhooks stay.'
const NOTHING = 'Nothing: it comes back by itself.'

/** By reason, of a channel that is closed. */
export const CLOSED_ADVICE = {
  logged_out: { meaning: 'The session was ended, here or on the phone (Linked devices).', action: LINK_AGAIN },
  banned: {
    meaning: 'WhatsApp has banned or blocked this number.',
    action: 'Open WhatsApp on the phone: it says why, and whether a review can be asked for. Linking it again does not help before that.',
  },
  replaced: {
    meaning: 'Another program took this session over, twice within ten minutes.',
    action: 'Stop the other program that uses the same session, for example a copy of this database, then reload the channel.',
  },
  outdated: {
    meaning: 'WhatsApp does not talk to this version of the library any more.',
    action: 'Update Chasqui, then reload the channel.',
  },
  not_linked: { meaning: 'Nobody scanned the QR or typed the letters in time.', action: 'Begin again with the phone at hand.' },
  wrong_number: {
    meaning: 'Another number was linked than the one this channel had before.',
    action: 'Link it again with the phone of its own number. For the other number make a channel of its own.',
  },
  number_taken: {
    meaning: 'The number that was linked belongs to another channel of this workspace.',
    action: 'Use that channel, or delete it and link this one again.',
  },
  network: {
    meaning: 'WhatsApp could not be reached for a long time.',
    action: 'Look at the network of the server and at its firewall, then reload the channel.',
  },
  not_installed: {
    meaning: 'The optional library for own numbers is not installed on the server.',
    action: 'Install it (npm ci without --omit=optional), start Chasqui again and reload the channel.',
  },
  unreadable_keys: {
    meaning: 'The keys of the session were sealed under another CHASQUI_SECRET.',
    action: 'Start Chasqui with the secret of before and reload the channel. If it is lost, log the channel out and link it again.',
  },
  reloading: { meaning: 'The session was dropped and is taken up again.', action: NOTHING },
  deleted: { meaning: 'The channel was deleted.', action: 'Make a new channel to use the number again.' },
  bad_credentials: {
    meaning: 'Meta does not accept the access token of this number, or no longer.',
    action: 'Give the channel a new access token and test it.',
  },
  number_gone: {
    meaning: 'Meta does not know this phone number id any more.',
    action: "Look at the number in Meta's manager, then test the channel.",
  },
  restricted: {
    meaning: 'Meta has restricted or locked the account.',
    action: "See the account quality page in Meta's manager; test the channel when it is free again.",
  },
  not_registered: {
    meaning: 'The number is not registered with the Cloud API, or its display name is not approved.',
    action: "Register it, or wait for Meta's approval, then test the channel.",
  },
  billing: {
    meaning: 'The account at Meta has a payment problem.',
    action: "Mend the payment method in Meta's manager, then test the channel.",
  },
} as const satisfies Record<ClosedReason, Advice>

/** By reason, of an own number whose connection does not work for now. What waits is kept. */
export const DEGRADED_ADVICE = {
  network: { meaning: 'The connection to WhatsApp broke and is being made anew.', action: NOTHING },
  server: { meaning: 'WhatsApp has a fault or is overloaded.', action: NOTHING },
  silent: {
    meaning: 'The connection looks open, and nothing flows over it.',
    action: 'Nothing at first: it is made anew by itself. If it stays so, look whether the phone is online and reload the channel.',
  },
} as const satisfies Record<DegradedReason, Advice>

/** Whatever the reason. */
const STATE_ADVICE = {
  connecting: {
    meaning: 'The connection is being made.',
    action: 'Wait some seconds. If it is to be linked, the QR is there in a moment.',
  },
  awaiting_scan: {
    meaning: 'It waits to be linked by a phone.',
    action: 'On the phone: WhatsApp > Linked devices > Link a device. Scan the QR, or type the letters.',
  },
  degraded: { meaning: 'The connection does not work well for now.', action: NOTHING },
  closed: { meaning: 'The channel is closed.', action: 'Reload it, or link it again.' },
} as const satisfies Record<Exclude<ChannelState, 'open'>, Advice>

const PAUSED_ADVICE: Advice = {
  meaning: 'It is paused: nothing is sent, what waits is kept, what arrives is taken.',
  action: 'Resume it.',
}

const BY_REASON: Readonly<Partial<Record<ChannelState, Readonly<Record<string, Advice>>>>> = {
  closed: CLOSED_ADVICE,
  degraded: DEGRADED_ADVICE,
}

/** undefined: it works, there is nothing to do. */
export function adviceFor({ state, stateReason = '', reopensAt, paused }: Standing): Advice | undefined {
  if (state === 'open') return paused ? PAUSED_ADVICE : undefined
  const advice = BY_REASON[state]?.[stateReason] ?? STATE_ADVICE[state]
  return reopensAt ? { ...advice, action: NOTHING } : advice
}

type Standing = Pick<Channel, 'state' | 'stateReason' | 'reopensAt' | 'paused'>
