import { z } from 'zod'
import type { Pin } from '#core/messages'
import { ShownTime } from './lists.wire.ts'
import { ShownMessage, showMessage } from './messages.wire.ts'

const SECONDS_MOST = 31_536_000
export const PinWish = z
  .strictObject({ seconds: z.int().min(1).max(SECONDS_MOST).optional().describe('For how long; 7 days when absent') })
  .nullish()
  .meta({ example: { seconds: 86_400 } })

export const ShownPin = z.object({ message: ShownMessage, pinnedAt: ShownTime, until: ShownTime })
export const ShownPins = z.object({ data: z.array(ShownPin) })

export const showPin = ({ message, pinnedAt, until }: Pin, now: Date) => ({
  message: showMessage(message, now),
  pinnedAt: pinnedAt.toISOString(),
  until: until.toISOString(),
})
