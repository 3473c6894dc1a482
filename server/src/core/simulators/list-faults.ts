import { z } from 'zod'
import type { Context } from '#kit/context'
import { operation } from '#kit/operation'
import { sandboxNumbers } from './sandbox-numbers.ts'
import type { SetFault } from './set-fault.ts'

export const listFaults = operation({
  name: 'simulator.list-faults',
  does: 'The faults that are set on the sandbox channels of this workspace.',
  needs: 'simulator:read',
  input: z.strictObject({}),
  run: (ctx): Promise<SetFault[]> => faultsOf(ctx),
})

/** The network serves every workspace: only the faults of our own numbers are ours. */
export async function faultsOf(ctx: Context): Promise<SetFault[]> {
  const numbers = new Map((await sandboxNumbers(ctx)).map(({ phone, channelId }) => [phone, channelId]))
  return ctx.ports.simulator.faults.list().flatMap((fault) => {
    const channelId = fault.business === undefined ? undefined : numbers.get(fault.business)
    return channelId === undefined ? [] : [{ ...fault, channelId }]
  })
}
