import type { Outcome } from '#core/transport'

type Word = () => Outcome

const MINUTE = 60_000

const reject =
  (code: string, reason: string, advice?: string): Word =>
  () => ({ kind: 'rejected', code, reason, ...(advice && { advice }) })

const retry =
  (code: string, reason: string, afterMs: number, slow: 'channel' | 'none' = 'none'): Word =>
  () => ({ kind: 'retry', code, reason, slow, afterMs })

/** The number may write to nobody new; the chats it has go on. Asking again makes it worse. */
const cold =
  (code: string, reason: string, advice: string): Word =>
  () => ({ kind: 'rejected', code, reason, advice, effect: { cold: { reason } } })

/** What WhatsApp says to a message it does not take, by the number in its answer. */
const WORDS: Readonly<Record<string, Word>> = {
  400: reject('invalid', 'WhatsApp found the message malformed'),
  401: reject('not_allowed', 'WhatsApp does not let this number send this message'),
  403: reject('not_allowed', 'This number may not write there', 'In a group, only its members may write, and in some only its admins.'),
  404: reject('not_found', 'The chat or group is not there any more'),
  405: reject('not_allowed', 'WhatsApp does not let this number send this kind of message there'),
  406: reject('refused', 'WhatsApp does not take this message'),
  408: retry('network_slow', 'WhatsApp took too long to answer', 5_000),
  410: reject('not_found', 'The chat or group is not there any more'),
  413: reject('too_large', 'WhatsApp found the message too large'),
  420: retry('stale_group', 'The list of who is in the group had changed', 2_000),
  421: retry('stale_group', 'The list of who is in the group had changed', 2_000),
  429: retry('rate_limited', 'The number sends faster than WhatsApp lets it', MINUTE, 'channel'),
  463: cold(
    'reachout_locked',
    'WhatsApp lets this number write to nobody new for now',
    'Wait at least a day. Write to people who know the number, and to fewer new ones a day.',
  ),
  471: reject(
    'not_trusted',
    'The person does not receive messages from this number',
    'They may have blocked it, or changed who may write to them.',
  ),
  475: cold(
    'chat_limit',
    'This number has written to as many new people as WhatsApp lets it for now',
    'Wait until the limit is lifted, or let people write first.',
  ),
  479: retry('stale_session', 'WhatsApp found the encryption of the message out of date', 5_000),
  500: retry('network_fault', 'WhatsApp had a fault', 10_000),
  503: retry('network_fault', 'WhatsApp had a fault', 10_000),
}

/** What the network's answer to a message says of it; `attrs` are those of the answer. */
export function outcomeOfAck({ id = '', error }: Readonly<Record<string, string>>): Outcome {
  if (error === undefined || error === '') return { kind: 'accepted', wireId: id }
  const word = Object.hasOwn(WORDS, error) ? WORDS[error] : undefined
  return word?.() ?? { kind: 'rejected', code: 'refused', reason: `WhatsApp did not take the message (${error.slice(0, 8)})` }
}
