import { randomInt } from 'node:crypto'
import { request } from 'undici'
import { type Fields, text } from '../json-fields.ts'
import type { Account, BusinessNumber } from './accounts.ts'
import { type Answer, json, refuse, success } from './answers.ts'

const HANDSHAKE_MS = 5000
const URL_MOST = 200

/** POST subscribed_apps: without a body the app's own address, with one an override for messages. */
export async function subscribe(account: Account, body: Fields): Promise<Answer> {
  const url = text(body.override_callback_uri)
  if (url !== undefined) {
    const refused = await overrideProblem(url, text(body.verify_token) ?? account.verifyToken)
    if (refused) return refused
  }
  account.subscribed = true
  account.override = url
  return success()
}

/** POST {phone-id} with webhook_configuration: an override for one number; an empty address takes it back. */
export async function overrideNumber(number: BusinessNumber, configuration: Fields): Promise<Answer> {
  const url = text(configuration.override_callback_uri)
  if (url) {
    const refused = await overrideProblem(url, text(configuration.verify_token) ?? number.account.verifyToken)
    if (refused) return refused
  }
  number.override = url || undefined
  return success()
}

export function unsubscribe(account: Account): Answer {
  account.subscribed = false
  account.override = undefined
  return success()
}

export const showSubscriptions = ({ subscribed, appId, override }: Account): Answer =>
  json({
    data: subscribed
      ? [
          {
            whatsapp_business_api_data: { id: appId, name: 'Emulated app', link: 'https://www.facebook.com/games/' },
            ...(override !== undefined && { override_callback_uri: override }),
          },
        ]
      : [],
  })

async function overrideProblem(url: string, token: string): Promise<Answer | undefined> {
  if (url.length > URL_MOST || !URL.canParse(url))
    return refuse({ code: 100, details: `override_callback_uri is an address of at most ${URL_MOST} characters` })
  if (await shakesHands(url, token)) return undefined
  return refuse({
    code: 2200,
    title: 'Callback verification failed',
    details: 'The callback did not answer the handshake with its challenge.',
  })
}

/** The GET by which Meta makes sure that an address wants its webhooks. */
async function shakesHands(url: string, token: string): Promise<boolean> {
  const challenge = String(randomInt(100_000_000, 1_000_000_000))
  const address = new URL(url)
  for (const [name, value] of [
    ['mode', 'subscribe'],
    ['challenge', challenge],
    ['verify_token', token],
  ])
    address.searchParams.set(`hub.${name}`, value ?? '')
  try {
    const { statusCode, body } = await request(address, { signal: AbortSignal.timeout(HANDSHAKE_MS) })
    return (await body.text()) === challenge && statusCode === 200
  } catch {
    return false // an address that does not answer has not agreed
  }
}
