import { z } from 'zod'
import { Pace } from './pace.ts'
import { PacingInput } from './pacing.ts'

export const ChannelName = z.string().trim().min(1).max(100)
export const ChannelSecret = z.string().min(1).max(4_096)

/** What a caller may wish of a channel of Meta's. */
export const SettingsInput = z.strictObject(Pace).partial()

/** Of an own number. */
export const WebSettingsInput = SettingsInput.omit({ throughput: true }).extend({ pacing: PacingInput.optional() })

export const SettingsEdit = z
  .strictObject({
    rate: Pace.rate.nullable(),
    dailyCap: Pace.dailyCap.nullable(),
    throughput: Pace.throughput.nullable(),
    pacing: PacingInput.nullable(),
  })
  .partial()
  .describe('null takes a wish back')
