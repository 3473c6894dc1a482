import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { faultsOf } from './list-faults.ts'

export const clearFaults = operation({
  name: 'simulator.clear-faults',
  does: 'Take back one fault, or all of this workspace.',
  needs: 'simulator:write',
  input: z.strictObject({ faultId: z.string().max(64).optional() }),
  async run(ctx, { faultId }): Promise<void> {
    const ours = (await faultsOf(ctx)).map(({ id }) => id)
    if (faultId !== undefined && !ours.includes(faultId)) throw notFound('fault')
    for (const id of faultId === undefined ? ours : [faultId]) ctx.ports.simulator.faults.clear(id)
  },
})
