import { z } from 'zod'
import type { ChannelLink } from '#core/channels'
import { drawQr } from './draw-qr.ts'
import { ShownTime, showTime } from './lists.wire.ts'
import { ShownStanding, showStanding } from './standing.wire.ts'

export const PairingPhone = z
  .strictObject({ phone: z.string().min(1).max(32).describe('The number of the phone on which the letters will be typed') })
  .meta({ example: { phone: '+14155550123' } })

export const ShownLink = z.object({
  ...ShownStanding,
  qr: z
    .object({
      text: z.string().describe('What the QR says, for a picture of your own'),
      image: z.string().describe('The QR as a PNG: a data URL'),
      until: ShownTime.describe('Until then it can be scanned; the next one follows by itself'),
    })
    .nullable()
    .describe('Null: there is none now. Ask again a second later while the state is connecting or awaiting_scan'),
  pairingCode: z
    .object({
      code: z.string().meta({ description: 'To be typed on the phone', examples: ['ABCD-EFGH'] }),
      phone: z.string(),
      until: ShownTime.nullable().describe('Null: WhatsApp does not know the letters yet. Ask again a second later'),
    })
    .nullable(),
})

export const showLink = async ({ channel, qr, code }: ChannelLink) => ({
  ...showStanding(channel),
  qr: qr ? { text: qr.text, image: await drawQr(qr.text), until: qr.until.toISOString() } : null,
  pairingCode: code ? { code: code.letters.replace(/^(.{4})/, '$1-'), phone: code.phone, until: showTime(code.until) } : null,
})
