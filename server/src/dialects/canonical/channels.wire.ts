import { z } from 'zod'
import {
  adviceOn,
  type Channel,
  ChannelName,
  ChannelSecret,
  type ChannelTest,
  SettingsEdit,
  SettingsInput,
  WebSettingsInput,
} from '#core/channels'
import { ShownId, showId } from './ids.wire.ts'
import { ListOf, ShownTime, showTime } from './lists.wire.ts'
import { ShownStanding, showStanding } from './standing.wire.ts'

const NewCloud = z.strictObject({
  kind: z.literal('cloud'),
  name: ChannelName,
  phone: z.string().min(1).max(32).describe('The number, E.164'),
  phoneNumberId: z.string().min(1).max(64).describe("Meta's id of the number"),
  wabaId: z.string().min(1).max(64).describe("Meta's id of the business account"),
  accessToken: ChannelSecret,
  appSecret: ChannelSecret.describe("Signs Meta's webhooks"),
  verifyToken: ChannelSecret.describe('You choose it, Meta repeats it once'),
  settings: SettingsInput.optional(),
})
const NewWeb = z.strictObject({ kind: z.literal('web'), name: ChannelName, settings: WebSettingsInput.optional() })
const NewSandbox = z.strictObject({
  kind: z.literal('sandbox'),
  persona: z.enum(['own_number', 'cloud']),
  name: ChannelName.optional(),
  // its number is ours to choose: two workspaces with one simulated number would see each other's phones
})

export const NewChannel = z
  .discriminatedUnion('kind', [NewCloud, NewWeb, NewSandbox])
  .meta({ example: { kind: 'sandbox', persona: 'own_number', name: 'Try-out' } })
export const ChannelEdit = z
  .strictObject({
    name: ChannelName.optional(),
    settings: SettingsEdit.optional(),
    accessToken: ChannelSecret.optional(),
    appSecret: ChannelSecret.optional(),
    verifyToken: ChannelSecret.optional(),
  })
  .refine((edit) => Object.values(edit).some((value) => value !== undefined), { message: 'nothing to change' })
  .meta({ example: { name: 'Shop', settings: { rate: 40, dailyCap: null } } })

const ShownCold = z
  .object({
    allowedToday: z
      .int()
      .describe('Messages that may go today to people who never wrote to this number; more each day on which it is linked'),
    sentToday: z.int(),
    nextAt: ShownTime.nullable().describe('When the next may go; null: now'),
    stoppedUntil: ShownTime.nullable().describe('Its guard has stopped them till then; warm chats go on'),
    stopReason: z.string().nullable().describe('failures, few_replies, or what WhatsApp said'),
    advice: z.string().nullable(),
  })
  .nullable()
  .describe('How an own number stands with people who never wrote to it; null: no such rules bind this channel')

export const ShownChannel = z.object({
  id: ShownId('cha'),
  kind: z.enum(['cloud', 'web', 'sandbox']),
  name: z.string(),
  phone: z.string().nullable().describe('Null: an own number that no phone has linked yet'),
  ...ShownStanding,
  paused: z.boolean(),
  settings: z.record(z.string(), z.unknown()),
  phoneNumberId: z.string().nullable(),
  wabaId: z.string().nullable(),
  webhookUrl: z.string().nullable().describe("For Meta's webhook settings"),
  rate: z.number().describe('Messages a second now'),
  rateCeiling: z.number(),
  cold: ShownCold,
  createdAt: ShownTime,
})
export const ChannelList = ListOf(ShownChannel)
export const ShownTest = z.object({
  ok: z.boolean(),
  facts: z.record(z.string(), z.unknown()).describe('What the network said of the number'),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  channel: ShownChannel,
})

/** `publicUrl`: where Meta reaches us. Credentials are never shown. */
export const showChannel = (channel: Channel, publicUrl: string) => ({
  id: showId('cha', channel.id),
  kind: channel.kind,
  name: channel.name,
  phone: channel.phone || null,
  ...showStanding(channel),
  paused: channel.paused,
  settings: channel.settings,
  phoneNumberId: channel.remoteId ?? null,
  wabaId: channel.accountId ?? null,
  webhookUrl: channel.kind === 'cloud' ? `${publicUrl}/hooks/meta/${channel.hookKey}` : null,
  rate: channel.rate,
  rateCeiling: channel.rateCeiling,
  cold: showCold(channel.cold),
  createdAt: showTime(channel.createdAt),
})

const showCold = (cold: Channel['cold']) =>
  cold
    ? {
        allowedToday: cold.allowedToday,
        sentToday: cold.sentToday,
        nextAt: showTime(cold.nextAt),
        stoppedUntil: showTime(cold.stoppedUntil),
        stopReason: cold.stopReason ?? null,
        advice: cold.stopReason === undefined ? null : adviceOn(cold.stopReason),
      }
    : null

export const showTest = (publicUrl: string, test: ChannelTest) => ({
  ok: test.ok,
  facts: test.ok ? test.facts : {},
  code: test.ok ? null : test.code,
  reason: test.ok ? null : test.reason,
  channel: showChannel(test.channel, publicUrl),
})
