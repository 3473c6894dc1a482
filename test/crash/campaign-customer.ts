import { setTimeout as sleep } from 'node:timers/promises'
import { fromTypeId } from '../../server/src/kit/ids.ts'
import { call } from './call.ts'
import type { Stage } from './stage.ts'

/** A campaign as `GET /v2/campaigns/:id` shows it. */
export type ShownCampaign = {
  state: string
  reason: string | null
  recipients: number
  counts: Record<string, number>
  reasons: { state: string; code: string; reason: string; count: number }[]
}

/** Who makes one campaign and moves it. */
export interface CampaignCustomer {
  /** As the database names it. */
  readonly campaignId: string
  /** Answers when it was made to be so, by our clock: what starts later than that breaks a law. */
  pause(): Promise<number>
  resume(): Promise<number>
  cancel(): Promise<number>
  look(): Promise<ShownCampaign>
}

const MEMBERS_AT_ONCE = 1_000
const TRIES = 20

export async function makeAudience({ url, key }: Stage, phones: readonly string[]): Promise<string> {
  const { id } = await call<{ id: string }>(`${url}/v2/audiences`, key, { name: 'crash' })
  for (let from = 0; from < phones.length; from += MEMBERS_AT_ONCE) {
    const members = phones.slice(from, from + MEMBERS_AT_ONCE).map((to) => ({ to }))
    await call(`${url}/v2/audiences/${id}/members`, key, { members })
  }
  return id
}

type Wanted = { audienceId: string; guard: null | undefined }

/** Makes a campaign that begins at once. */
export async function makeCampaign({ url, key, channelId }: Stage, { audienceId, guard }: Wanted): Promise<CampaignCustomer> {
  const content = { type: 'template', name: 'hello_world', language: 'en_US' }
  const { id } = await call<{ id: string }>(`${url}/v2/campaigns`, key, { name: 'crash', channelId, audienceId, content, guard })
  const move = async (word: string) => {
    await call(`${url}/v2/campaigns/${id}/${word}`, key, {})
    return Date.now()
  }
  return {
    campaignId: fromTypeId('cmp', id) ?? '',
    pause: () => move('pause'),
    resume: () => move('resume'),
    cancel: () => move('cancel'),
    async look() {
      for (let tries = 1; ; tries++) {
        const answer = await fetch(`${url}/v2/campaigns/${id}`, { headers: { authorization: `Bearer ${key}` } }).catch(() => undefined)
        const body = (await answer?.json().catch(() => undefined)) as ShownCampaign | undefined // GET /v2/campaigns/:id
        if (answer?.ok && body) return body
        if (tries === TRIES) throw new Error(`the campaign is not shown: ${answer?.status ?? 'no answer'} ${JSON.stringify(body)}`)
        await sleep(500)
      }
    },
  }
}
