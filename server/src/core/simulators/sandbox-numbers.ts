import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { type SandboxNumber, selectSandboxNumbers } from './simulator.store.ts'

/** The workspace's numbers on the simulated network. Throws `not_found` in a live workspace: there is no simulator there. */
export async function sandboxNumbers(ctx: Context): Promise<SandboxNumber[]> {
  if (ctx.actor.environment !== 'test') throw new DomainError('not_found', 'The simulator exists in test workspaces only')
  return selectSandboxNumbers(ctx.db, ctx.workspaceId)
}

/** The number of a channel; of the first one when none is named. Throws `not_found`. */
export async function sandboxNumber(ctx: Context, channelId: string | undefined): Promise<SandboxNumber> {
  const numbers = await sandboxNumbers(ctx)
  const found =
    channelId === undefined
      ? (numbers.find(({ persona }) => persona === 'own_number') ?? numbers[0])
      : numbers.find((number) => number.channelId === channelId)
  if (!found) throw notFound('sandbox channel')
  return found
}
