import { setTimeout as sleep } from 'node:timers/promises'
import { type CampaignCustomer, makeCampaign } from './campaign-customer.ts'
import type { HouseProcess } from './harness.ts'
import { nodeName, type Stage } from './stage.ts'
import { until } from './until.ts'

/** What a kill met: recipients frozen and messages made so far, work not done, messages on the wire. */
export type CampaignKill = {
  during: 'freezing' | 'sending' | 'pause' | 'cancel'
  isFrozen: boolean
  recipients: number
  made: number
  outbox: number
  sending: number
  arrived: number
}

/** Recipients that are frozen in one transaction. */
const PAGE = 5_000
const DOWN_MOST_MS = 1_500
const WAIT_MS = 240_000

type Freezing = { audienceId: string; options: { recipients: number; guarded?: boolean; nodes?: 1 | 2 }; random: () => number }
type Site = { stage: Stage; customer: CampaignCustomer }

/** Makes the campaign and kills the node that freezes it, in the middle of a page: held there by a lock, so that it cannot be too late. */
export async function killFreezing(stage: Stage, { audienceId, options, random }: Freezing) {
  const { rows, houses } = stage
  const held = 'lock table campaign_recipients in share mode'
  const after = Math.max(0, Math.floor(random() * (options.recipients - 2 * PAGE)))
  const early = after === 0 ? await rows.hold(held) : undefined
  const customer = await makeCampaign(stage, { audienceId, guard: options.guarded ? undefined : null })
  await until(WAIT_MS, `${after} recipients were frozen`, async () => (await countRecipients(stage)) >= after, 1)
  const release = early ?? (await rows.hold(held))
  const name = await freezer(stage)
  const node = Math.max(
    0,
    houses.findIndex((_, i) => nodeName(i) === name),
  )
  const kill = await killNode({ stage, customer }, houses[node], 'freezing')
  const killedAt = performance.now()
  await release()
  if (options.nodes === 2) stage.point(houses.filter((house) => house !== houses[node]))
  else await rest(random, houses[node])
  await until(WAIT_MS, 'somebody goes on with the freezing', async () => (await countRecipients(stage)) > kill.recipients, 20)
  return { customer, kill, node, takenOverMs: Math.round(performance.now() - killedAt) }
}

const countRecipients = async ({ rows }: Stage): Promise<number> => {
  const [row] = await rows.ask<{ count: number }>('select count(*)::integer as count from campaign_recipients')
  return row?.count ?? 0
}

/** The name of the session that stands before the lock. */
async function freezer({ rows }: Stage): Promise<string> {
  let name = ''
  await until(
    WAIT_MS,
    'somebody freezes',
    async () => {
      const [row] = await rows.ask<{ name: string }>(
        `select application_name as name from pg_stat_activity where wait_event_type = 'Lock' and query like '%into campaign_recipients%'`,
      )
      name = row?.name ?? ''
      return row !== undefined
    },
    5,
  )
  return name
}

/** Kills it and looks at what it leaves. */
export async function killNode({ stage, customer }: Site, house: HouseProcess | undefined, during: CampaignKill['during']) {
  if (!house) throw new Error('there is no house')
  await house.kill()
  const arrived = stage.world.arrivals.size
  const [met] = await stage.rows.ask<Omit<CampaignKill, 'during' | 'arrived'>>(
    `select frozen_at is not null as "isFrozen", (select count(*)::integer from campaign_recipients) as recipients,
      (select count(*)::integer from messages where campaign_id = c.id) as made, (select count(*)::integer from outbox) as outbox,
      (select count(*)::integer from messages where campaign_id = c.id and state = 'sending') as sending from campaigns c where id = $1`,
    [customer.campaignId],
  )
  if (!met) throw new Error('the campaign is no row')
  return { during, ...met, arrived }
}

/** A while later the house is started again. */
export async function rest(random: () => number, house: HouseProcess | undefined): Promise<void> {
  await sleep(Math.round(random() * DOWN_MOST_MS))
  await house?.start()
}
