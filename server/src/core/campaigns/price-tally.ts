import type { Content } from '#core/content'
import { windowClosesAt } from '#core/conversations'
import type { Prices } from '#core/workspaces'
import type { CampaignSettings } from './campaign.ts'

/** What messages will cost by the workspace's price list. */
export type Cost = {
  currency: string
  amount: number
  /** Messages that the list has no price for: they are not in the amount. */
  unpriced: number
}

type Priced = { content: Content; settings: Pick<CampaignSettings, 'category'>; now: Date }

const MILLION = 1_000_000

/** Adds up what is charged: templates, but for utility ones inside the 24-hour window. undefined: the workspace has no price list. */
export function openPriceTally(prices: Prices | undefined, { content, settings: { category = 'marketing' }, now }: Priced) {
  let millionths = 0 // many small prices drift when they are added as fractions
  let unpriced = 0
  return {
    add(country: string, lastInboundAt: Date | undefined) {
      const isFree =
        content.type !== 'template' || category === 'service' || (category === 'utility' && windowClosesAt({ lastInboundAt }, now))
      if (!prices || isFree) return
      const price = prices.byCountry[country]?.[category] ?? prices.elsewhere?.[category]
      if (price === undefined) unpriced++
      else millionths += Math.round(price * MILLION)
    },
    result: (): Cost | undefined => prices && { currency: prices.currency, amount: millionths / MILLION, unpriced },
  }
}
