import { hideOwnAudience } from '#core/audiences'
import type { Context } from '#kit/context'
import { newId } from '#kit/ids'
import { withTransaction } from '#kit/operation'
import { lockCampaign, updateCampaignRow } from './campaign.store.ts'
import type { Campaign } from './campaign.ts'
import { type Judged, judgeAudience } from './judge-audience.ts'
import { countRecipients, insertRecipients, type NewRecipient } from './recipient.store.ts'
import { tellCampaign } from './tell-campaign.ts'

/** Makes the members of its audience recipients of a campaign that runs, from where it had come to, until about `end`; false: it runs no more, or somebody else freezes. */
export async function freezeRecipients(ctx: Context, campaign: Campaign, end: Date): Promise<boolean> {
  if (!(await ctx.ports.channels.get(ctx.workspaceId, campaign.channelId))) {
    await failCampaign(ctx, campaign, 'Its channel was deleted before everybody was looked at')
    return false
  }
  let last = campaign.frozenAfter
  let writing = Promise.resolve(true) // one page is written while the next is read and judged
  for await (const judged of judgeAudience(ctx, campaign, last)) {
    if (!(await writing)) return false
    const missing =
      campaign.settings.onMissingVariable === 'fail' ? judged.find(({ verdict }) => verdict.skip?.code === 'missing_variable') : undefined
    if (missing) {
      await failCampaign(ctx, campaign, reasonOf(missing))
      return false
    }
    const after = judged.at(-1)?.person.memberId
    writing = freezePage(ctx, { ...campaign, frozenAfter: last }, judged, after)
    writing.catch(() => undefined) // who waits for it hears it
    last = after
    if (ctx.now() > end) return writing
  }
  return (await writing) && finishFreezing(ctx, { ...campaign, frozenAfter: last })
}

const freezePage = (ctx: Context, campaign: Campaign, judged: readonly Judged[], after: string | undefined): Promise<boolean> =>
  withTransaction(ctx, async ({ db }) => {
    const now = await lockCampaign(db, ctx.workspaceId, campaign.id)
    if (now?.state !== 'running' || now.frozenAfter !== campaign.frozenAfter) return false
    await insertRecipients(db, campaign, judged.map(asRecipient))
    await updateCampaignRow(db, campaign, { frozenAfter: after })
    return true
  })

const asRecipient = ({ person: { address }, verdict: { skip, variables, dueAt } }: Judged): NewRecipient => ({
  id: newId(),
  address,
  variables,
  state: skip ? 'skipped' : 'waiting',
  code: skip?.code,
  reason: skip?.reason,
  dueAt,
})

const finishFreezing = (ctx: Context, campaign: Campaign): Promise<boolean> =>
  withTransaction(ctx, async (inside) => {
    const now = await lockCampaign(inside.db, ctx.workspaceId, campaign.id)
    if (now?.state !== 'running' || now.frozenAfter !== campaign.frozenAfter) return false
    await updateCampaignRow(inside.db, campaign, { frozenAt: ctx.now(), total: await countRecipients(inside.db, campaign) })
    await hideOwnAudience(inside, campaign.audienceId)
    return true
  })

const reasonOf = ({ verdict }: Judged): string =>
  `Somebody in the audience lacks a variable that the text asks for: {${verdict.missing.join('}, {')}}`

/** Nothing was sent, and nothing will be. */
const failCampaign = (ctx: Context, campaign: Campaign, reason: string): Promise<void> =>
  withTransaction(ctx, async (inside) => {
    const now = await lockCampaign(inside.db, ctx.workspaceId, campaign.id)
    if (now?.state !== 'running') return
    await updateCampaignRow(inside.db, campaign, { state: 'failed', reason, endedAt: ctx.now(), lookAt: ctx.now() })
    tellCampaign(inside, 'campaign.failed', campaign, { reason })
  })
