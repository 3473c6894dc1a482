/** What one of Graph's error codes means for the message, the channel and the person. */
export type ErrorRule = {
  /** What happened, in plain words. */
  reason: string
  /** What a person can do about it. */
  advice?: string
  /** Our word for it; the network's number stands where there is none. */
  code?: string
  /** The answer's own details say which field or limit it was: they belong into the reason. */
  detailed?: true
} & (
  | { does: 'reject'; optOut?: 'marketing' }
  /** `most`: tries in all; after them it is a rejection. */
  | { does: 'retry'; slow?: 'pair' | 'channel'; afterMs?: (attempt: number) => number; most?: number }
  /** The channel is held, and no attempt is burnt. */
  | { does: 'stop'; because: StopReason }
)

/** Why a channel is closed by its own network. */
export type StopReason = 'bad_credentials' | 'number_gone' | 'restricted' | 'not_registered' | 'billing'

type Words = { reason: string; advice?: string; code?: string; detailed?: true }
const reject = (words: Words, more: { optOut?: 'marketing' } = {}): ErrorRule => ({ ...words, does: 'reject', ...more })
const retry = (
  words: Words,
  more: { slow?: 'pair' | 'channel'; afterMs?: (attempt: number) => number; most?: number } = {},
): ErrorRule => ({ ...words, does: 'retry', ...more })
const stop = (because: StopReason, words: Words): ErrorRule => ({ ...words, does: 'stop', because })

const SECOND = 1000
const MINUTE = 60 * SECOND
const after = (ms: number) => () => ms

/** 6 s, then the powers of four that Meta asks for, in seconds. */
const pairPause = (attempt: number) => Math.min(attempt <= 1 ? 6 * SECOND : 4 ** attempt * SECOND, 10 * MINUTE)

const NEW_TOKEN = 'Give the channel a new access token and test it.'
const PERMISSION = stop('bad_credentials', {
  reason: 'The access token may not do this',
  advice: 'Give the token the permission whatsapp_business_messaging for this account, then test the channel.',
})
const TOKEN = stop('bad_credentials', { reason: 'The access token is not valid, or no longer', advice: NEW_TOKEN })
const BUSY = retry({ reason: 'The network is busy or had a fault' }, { most: 5 })
const LOOK_AT_TEMPLATE = "Look at the template in Meta's manager and at the values that were sent."

/** By code, after Meta's error reference; what is not here is judged by the status of the answer. */
export const ERROR_TABLE: ReadonlyMap<number, ErrorRule> = new Map<number, ErrorRule>([
  [0, TOKEN],
  [102, TOKEN],
  [190, TOKEN],
  [3, PERMISSION],
  [10, PERMISSION],
  [131005, PERMISSION],
  [33, stop('number_gone', { reason: 'The business number does not exist any more', advice: 'Check the phone number id of the channel.' })],
  [368, stop('restricted', { reason: 'The account is restricted for breaking a policy', advice: 'See the account quality page of Meta.' })],
  [131031, stop('restricted', { reason: 'The account is locked', advice: 'See the account quality page of Meta.' })],
  [
    131037,
    stop('not_registered', {
      reason: 'The display name of the number is not approved yet',
      advice: "Wait for Meta's approval, then test the channel.",
    }),
  ],
  [131045, stop('not_registered', { reason: 'The number is not registered', advice: 'Register the number, then test the channel.' })],
  [
    133006,
    stop('not_registered', {
      reason: 'The number must be verified before it is registered',
      advice: 'Verify it with a code, then register it.',
    }),
  ],
  [133010, stop('not_registered', { reason: 'The number is not registered', advice: 'Register the number, then test the channel.' })],
  [131042, stop('billing', { reason: 'The account has a payment problem', advice: "Check the payment method in Meta's manager." })],
  [131044, stop('billing', { reason: 'The account has no valid payment method', advice: "Check the payment method in Meta's manager." })],

  [1, retry({ reason: 'The network had a fault, or the request was wrong', detailed: true }, { most: 2 })],
  [2, BUSY],
  [131000, BUSY],
  [131016, BUSY],
  [133004, BUSY],
  [4, retry({ reason: 'The app has used up its calls' }, { slow: 'channel', afterMs: (attempt) => Math.min(attempt * 5, 60) * MINUTE })],
  [613, retry({ reason: 'Too many calls to this account' }, { afterMs: after(MINUTE) })],
  [80007, retry({ reason: 'Too many calls to this account' }, { afterMs: after(MINUTE) })],
  [80008, retry({ reason: 'Too many calls to this account' }, { afterMs: after(MINUTE) })],
  [130429, retry({ reason: 'The number sends faster than it may' }, { slow: 'channel' })],
  [131056, retry({ reason: 'Too many messages to this person in a short time' }, { slow: 'pair', afterMs: pairPause })],
  [131057, retry({ reason: 'The number is being upgraded or is under maintenance' }, { afterMs: after(MINUTE) })],
  [2494100, retry({ reason: 'The number is under maintenance' }, { afterMs: after(MINUTE) })],
  [134101, retry({ reason: 'The template is still being made ready' }, { afterMs: after(10 * MINUTE), most: 6 })],

  [100, reject({ reason: 'The request has a wrong value', detailed: true })],
  [
    130472,
    reject({
      reason: 'The person is part of an experiment of Meta and gets no marketing messages',
      advice: 'Do not send it again; write when they have written to you.',
    }),
  ],
  [130497, reject({ reason: 'The account may not send to people in this country' })],
  [131008, reject({ reason: 'A required value is missing', detailed: true })],
  [131009, reject({ reason: 'A value is not allowed', detailed: true })],
  [131021, reject({ reason: 'The recipient is the sending number itself' })],
  [
    131026,
    reject({
      reason: 'The message cannot be delivered to this number',
      advice: 'The number may have no WhatsApp, an old version of it, or may not have accepted its terms.',
    }),
  ],
  [
    131030,
    reject({
      reason: 'A test number may only write to the numbers on its list',
      advice: "Add the recipient to the list in Meta's app dashboard.",
    }),
  ],
  [
    131047,
    reject({
      code: 'window_closed',
      reason: 'The person has not written in the last 24 hours',
      advice: 'Send a template, or wait until they write.',
    }),
  ],
  [
    131048,
    reject({
      reason: 'The number is limited because people blocked or reported its messages',
      advice: 'Stop marketing from this number for at least 24 hours and look at its quality.',
    }),
  ],
  [
    131049,
    reject({
      reason: 'Meta held it back: this person gets enough marketing messages',
      advice: 'Try again after 24 hours at the earliest, and once only.',
    }),
  ],
  [
    131050,
    reject(
      { reason: 'The person has stopped marketing messages from this business', advice: 'Send no marketing until they opt in again.' },
      { optOut: 'marketing' },
    ),
  ],
  [131051, reject({ reason: 'This kind of message is not supported', detailed: true })],
  [131052, reject({ reason: 'A file that was received could not be fetched', detailed: true })],
  [
    131053,
    reject({
      reason: 'The file was not accepted',
      advice: 'Check its type, its encoding and its size, and upload it again.',
      detailed: true,
    }),
  ],
  [131055, reject({ reason: 'The account may not call this', detailed: true })],
  [131060, reject({ reason: 'This message is not available' })],
  [131062, reject({ reason: 'This template needs a phone number as its recipient' })],
  [131063, reject({ reason: 'Marketing templates are switched off for this account' })],
  [
    131064,
    reject({
      reason: 'The messaging limit was cut because templates were in the wrong category',
      advice: "Correct the templates' categories.",
    }),
  ],
  [132000, reject({ reason: 'The template got too many or too few values', advice: LOOK_AT_TEMPLATE, detailed: true })],
  [132001, reject({ reason: 'There is no approved template of this name in this language', advice: LOOK_AT_TEMPLATE, detailed: true })],
  [132005, reject({ reason: 'The template is too long with these values', detailed: true })],
  [132007, reject({ reason: 'The template breaks a policy', advice: 'Change the template and have it approved again.' })],
  [132008, reject({ reason: "The template's values are not in its form", advice: LOOK_AT_TEMPLATE, detailed: true })],
  [132012, reject({ reason: "The template's values are not in its form", advice: LOOK_AT_TEMPLATE, detailed: true })],
  [132015, reject({ reason: 'The template is paused for low quality', advice: 'Wait until Meta resumes it, or use another one.' })],
  [132016, reject({ reason: 'The template is disabled for good for low quality', advice: 'Make a new template.' })],
  [132018, reject({ reason: 'The template has a problem with its values', advice: LOOK_AT_TEMPLATE, detailed: true })],
  [132068, reject({ reason: 'The form of this message is blocked', advice: "Look at the flow's health in Meta's manager." })],
  [132069, reject({ reason: 'The form of this message was sent too often', advice: "Look at the flow's health in Meta's manager." })],
  [133015, reject({ reason: 'The number was deleted a moment ago', advice: 'Wait five minutes.' })],
  [133016, reject({ reason: 'The number was registered too often', advice: 'Wait 72 hours.' })],
  [134011, reject({ reason: 'The terms of payments are not accepted', advice: "Accept them in Meta's manager." })],
  [134100, reject({ reason: 'Only marketing messages can be sent this way', detailed: true })],
  [135000, reject({ reason: 'The network refused it without saying why', advice: 'Check the values that were sent.', detailed: true })],
  [137000, reject({ reason: "The person's identity has changed", advice: 'Make sure of who it is before you write again.' })],
])

/** Permission codes come in a row. */
export const isPermissionCode = (code: number): boolean => code >= 200 && code <= 299
export const PERMISSION_RULE = PERMISSION
