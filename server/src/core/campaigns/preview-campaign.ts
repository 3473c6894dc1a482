import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { z } from 'zod'
import { createOwnAudience, getAudience } from '#core/audiences'
import { inspectContent } from '#core/messages'
import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import { operation, withTransaction } from '#kit/operation'
import { CampaignInput } from './campaign-input.ts'
import { checkTimes, sketchOf } from './create-campaign.ts'
import { type Judged, judgeAudience, type Sketch } from './judge-audience.ts'
import { type Cost, openPriceTally } from './price-tally.ts'
import { readQueue } from './queue.store.ts'
import { requireCampaign } from './require-campaign.ts'

const EXAMPLES_MOST = 5

/** What a campaign would do, were it begun now. */
export type Preview = {
  recipients: number
  toSend: number
  skipped: { code: string; reason: string; count: number; examples: string[] }[]
  /** Messages by the country of their number; '' where it has none. */
  byCountry: { country: string; count: number }[]
  /** undefined: the workspace has no price list. */
  cost: Cost | undefined
  firstAt: Date | undefined
  /** When the last would leave at the channel's pace. */
  endsAt: Date | undefined
  messagesPerSecond: number
}

export const previewCampaign = operation({
  name: 'campaigns.preview',
  does: 'Dry run: how many would be written to, who is left out and why, in which countries, what it would cost, and when it would end. Nothing is kept or sent.',
  needs: 'campaigns:read',
  mayRefuse: ['invalid', 'not_found', 'unsupported', 'no_channel'],
  transaction: 'none',
  input: CampaignInput,
  async run(ctx, input): Promise<Preview> {
    checkTimes(ctx, input)
    const { id: channelId } = await inspectContent(ctx, input)
    const sketch = sketchOf(input, channelId)
    const { audienceId, recipients, name } = input
    if (audienceId !== undefined) {
      await getAudience({ ...ctx, actor: { ...ctx.actor, scopes: ['*'] } }, { audienceId })
      return preview(ctx, { ...sketch, audienceId })
    }
    // the people named here are read as an audience is, and forgotten with the transaction
    return undone(ctx, async (inside) =>
      preview(inside, { ...sketch, audienceId: (await createOwnAudience(inside, { name, members: recipients ?? [] })).id }),
    )
  },
})

export const previewStoredCampaign = operation({
  name: 'campaigns.preview-stored',
  does: 'Dry run of a campaign that has not begun.',
  needs: 'campaigns:read',
  mayRefuse: ['not_found', 'conflict'],
  transaction: 'none',
  input: z.strictObject({ campaignId: z.uuid() }),
  async run(ctx, { campaignId }): Promise<Preview> {
    const campaign = await withTransaction(ctx, (inside) => requireCampaign(inside, campaignId))
    if (campaign.startedAt) throw new DomainError('conflict', 'This campaign has begun: its recipients say how each of them fares')
    return preview(ctx, campaign)
  },
})

class Undo<Result> extends Error {
  readonly result: Result
  constructor(result: Result) {
    super('undone on purpose')
    this.result = result
  }
}

/** Does something in a transaction that leaves no trace. */
async function undone<Result>(ctx: Context, work: (ctx: Context) => Promise<Result>): Promise<Result> {
  try {
    return await withTransaction(ctx, async (inside) => {
      throw new Undo(await work(inside))
    })
  } catch (error) {
    if (error instanceof Undo) return error.result as Result // thrown above and nowhere else
    throw error
  }
}

async function preview(ctx: Context, sketch: Sketch): Promise<Preview> {
  const { settings } = await ctx.ports.workspaces.get(ctx.workspaceId)
  const tally = openTally(openPriceTally(settings.prices, { ...sketch, now: ctx.now() }))
  for await (const page of judgeAudience(ctx, sketch)) for (const judged of page) tally.add(judged)
  const { rate } = await withTransaction(ctx, ({ db }) => readQueue(db, { channelId: sketch.channelId, queueId: undefined }, 1))
  return tally.result(rate)
}

function openTally(prices: ReturnType<typeof openPriceTally>) {
  const skipped = new Map<string, Preview['skipped'][number]>()
  const countries = new Map<string, number>()
  let recipients = 0
  let toSend = 0
  let firstAt: Date | undefined
  let lastAt: Date | undefined
  return {
    add({ person: { address, lastInboundAt }, verdict: { skip, dueAt } }: Judged) {
      recipients++
      if (skip) {
        const known = skipped.get(skip.code) ?? { ...skip, count: 0, examples: [] }
        skipped.set(skip.code, known)
        known.count++
        if (known.examples.length < EXAMPLES_MOST) known.examples.push(address)
        return
      }
      toSend++
      const country = countryOf(address)
      countries.set(country, (countries.get(country) ?? 0) + 1)
      prices.add(country, lastInboundAt ?? undefined)
      if (!firstAt || dueAt < firstAt) firstAt = dueAt
      if (!lastAt || dueAt > lastAt) lastAt = dueAt
    },
    result(rate: number): Preview {
      const paced = firstAt && firstAt.getTime() + (toSend / rate) * 1_000
      return {
        recipients,
        toSend,
        skipped: [...skipped.values()].sort((a, b) => b.count - a.count),
        byCountry: [...countries].map(([country, count]) => ({ country, count })).sort((a, b) => b.count - a.count),
        cost: prices.result(),
        firstAt,
        endsAt: paced === undefined || lastAt === undefined ? undefined : new Date(Math.max(paced, lastAt.getTime())),
        messagesPerSecond: rate,
      }
    },
  }
}

const PREFIX_LENGTH = 7
const countriesByPrefix = new Map<string, string>()

/** By the first digits, which decide it nearly always and are read once. */
function countryOf(address: string): string {
  if (!address.startsWith('+')) return ''
  const prefix = `${address.slice(0, PREFIX_LENGTH)} ${address.length}`
  const known = countriesByPrefix.get(prefix)
  if (known !== undefined) return known
  if (countriesByPrefix.size > 100_000) countriesByPrefix.clear()
  const country = parsePhoneNumberFromString(address)?.country ?? ''
  countriesByPrefix.set(prefix, country)
  return country
}
