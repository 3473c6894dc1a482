import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import { operation } from '#kit/operation'
import { sandboxNumber } from './sandbox-numbers.ts'
import { FAULT_KINDS, type Fault } from './simulator.ts'

export type SetFault = Fault & { id: string; met: number; channelId: string }

export const setFault = operation({
  name: 'simulator.set-fault',
  does: 'Let something go wrong with the messages of a sandbox channel, on demand.',
  needs: 'simulator:write',
  input: z.strictObject({
    channelId: z.uuid().optional(),
    kind: z.enum(FAULT_KINDS),
    phone: z.string().min(1).max(32).optional().describe('Only messages to this phone'),
    times: z.int().min(1).max(1_000_000).optional().describe('How often; absent: until cleared'),
    probability: z.number().min(0).max(1).optional(),
    ms: z.int().min(0).max(3_600_000).optional().describe('How late, of a delay'),
    code: z.int().min(0).max(10_000_000).optional().describe("Meta's error code"),
    status: z.int().min(400).max(599).optional().describe('HTTP status of an error'),
  }),
  async run(ctx, { channelId, phone, ...rest }): Promise<SetFault> {
    const number = await sandboxNumber(ctx, channelId)
    const fault: Fault = { ...rest, business: number.phone, ...(phone !== undefined && { phone: normalisePhone(phone, 'US') }) }
    const { id } = ctx.ports.simulator.faults.set(fault)
    return { ...fault, id, met: 0, channelId: number.channelId }
  },
})
