/** Why the network says no, now or in a later receipt: Meta's number and words, and one word of ours to branch on. */
export type Refusal = { word: RefusalWord; code: number; title: string; details: string; http: number }
export type RefusalWord =
  | 'not_on_whatsapp'
  | 'undeliverable'
  | 'rate_limited'
  | 'pair_limited'
  | 'window_closed'
  | 'no_such_message'
  | 'not_in_group'
  | 'overloaded'
  | 'on_demand'

const refusal = (
  word: RefusalWord,
  code: number,
  [title, details, http = 400]: [title: string, details: string, http?: number],
): Refusal => ({
  word,
  code,
  title,
  details,
  http,
})

export const NOT_ON_WHATSAPP = refusal('not_on_whatsapp', 131026, ['Message undeliverable', 'The recipient is not on WhatsApp.'])
export const UNDELIVERABLE = refusal('undeliverable', 131026, ['Message undeliverable', 'The message could not be delivered.'])
export const RATE_LIMITED = refusal('rate_limited', 130429, ['Rate limit hit', 'The number has reached its messages per second.'])
export const PAIR_LIMITED = refusal('pair_limited', 131056, [
  'Pair rate limit hit',
  'Too many messages from this number to this recipient.',
])
export const WINDOW_CLOSED = refusal('window_closed', 131047, [
  'Re-engagement message',
  'The recipient has not written within 24 hours: only a template may be sent.',
])
export const NO_SUCH_MESSAGE = refusal('no_such_message', 131009, [
  'Parameter value is not valid',
  'The message reacted to does not exist.',
])
export const NOT_IN_GROUP = refusal('not_in_group', 131009, [
  'Parameter value is not valid',
  'This number is not in that group, or may not write there.',
])
export const OVERLOADED = refusal('overloaded', 131016, [
  'Service unavailable',
  'The simulated network holds too many messages on their way.',
  503,
])

/** A refusal that somebody switched on. */
export const onDemand = (code: number, http = 400): Refusal =>
  refusal('on_demand', code, ['Simulated failure', `Code ${code} was asked for.`, http])
