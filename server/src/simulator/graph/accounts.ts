import { z } from 'zod'
import { normalNumber } from '../phones.ts'

const PhoneNumberOptions = z.strictObject({
  id: z.string().min(1).max(64),
  number: z.string().min(5).max(32).describe('E.164'),
  verifiedName: z.string().max(128).optional(),
  throughput: z.enum(['STANDARD', 'HIGH']).optional(),
  qualityRating: z.enum(['GREEN', 'YELLOW', 'RED', 'UNKNOWN']).optional(),
  status: z.string().max(32).optional(),
  enforceWindow: z.boolean().optional().describe('Free-form messages only within 24 hours of the last word of the phone'),
  pairLimit: z.boolean().optional().describe('45 messages at once to one phone, then one every 6 s'),
  perSecond: z.number().positive().optional().describe('Messages per second; more are refused with 130429'),
})
type PhoneNumberOptions = z.output<typeof PhoneNumberOptions>

export const AccountOptions = z.strictObject({
  wabaId: z.string().min(1).max(64),
  name: z.string().max(128).optional(),
  accessToken: z.string().min(1).max(1024),
  appSecret: z.string().min(1).max(256),
  verifyToken: z.string().max(256).describe('For the handshake of an address that overrides ours and brings no token of its own'),
  appId: z.string().max(64).optional(),
  webhookUrl: z.url().optional().describe('Where the webhooks of the app go; with it the account is subscribed from the start'),
  phoneNumbers: z.array(PhoneNumberOptions).max(100_000),
})
export type AccountOptions = z.output<typeof AccountOptions>

/** A WhatsApp business account with its token and its app. */
export type Account = {
  wabaId: string
  name: string
  accessToken: string
  appSecret: string
  verifyToken: string
  appId: string
  webhookUrl: string | undefined
  subscribed: boolean
  override: string | undefined
  numbers: BusinessNumber[]
}
export type BusinessNumber = {
  account: Account
  id: string
  number: string
  facts: Record<string, unknown>
  /** Already in the form of a webhook. */
  metadata: string
  override: string | undefined
}

export function openAccount(options: AccountOptions): Account {
  const account: Account = {
    wabaId: options.wabaId,
    name: options.name ?? 'Emulated account',
    accessToken: options.accessToken,
    appSecret: options.appSecret,
    verifyToken: options.verifyToken,
    appId: options.appId ?? `${options.wabaId}01`,
    webhookUrl: options.webhookUrl,
    subscribed: options.webhookUrl !== undefined,
    override: undefined,
    numbers: [],
  }
  account.numbers = options.phoneNumbers.map((phone) => openNumber(account, phone))
  return account
}

function openNumber(account: Account, options: PhoneNumberOptions): BusinessNumber {
  const number = normalNumber(options.number)
  return {
    account,
    id: options.id,
    number,
    override: undefined,
    metadata: JSON.stringify({ display_phone_number: number.replace('+', ''), phone_number_id: options.id }),
    facts: {
      id: options.id,
      display_phone_number: number,
      verified_name: options.verifiedName ?? 'Emulated business',
      quality_rating: options.qualityRating ?? 'GREEN',
      status: options.status ?? 'CONNECTED',
      name_status: 'APPROVED',
      code_verification_status: 'VERIFIED',
      platform_type: 'CLOUD_API',
      throughput: { level: options.throughput ?? 'STANDARD' },
      account_mode: 'LIVE',
      is_official_business_account: false,
      is_on_biz_app: false,
      whatsapp_business_manager_messaging_limit: 'TIER_UNLIMITED',
      health_status: {
        can_send_message: 'AVAILABLE',
        entities: [{ entity_type: 'PHONE_NUMBER', id: options.id, can_send_message: 'AVAILABLE' }],
      },
    },
  }
}

/** Where what happens at this number is told: the number's own address, else the account's, else the app's. */
export const messagesUrl = ({ account, override }: BusinessNumber): string | undefined =>
  account.subscribed ? (override ?? account.override ?? account.webhookUrl) : undefined
