import { z } from 'zod'
import {
  type CountedCampaign,
  cancelCampaign,
  createCampaign,
  getCampaign,
  listCampaigns,
  pauseCampaign,
  resumeCampaign,
} from '#core/campaigns'
import { findChannels } from '#core/channels'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { DomainError } from '#kit/errors'
import { phonesOf } from './account.wire.ts'
import { One, one, PageOf, page } from './answers.wire.ts'
import { NewCampaign, ON_MISSING, showCampaign } from './campaigns.wire.ts'
import { DOOR } from './door.ts'
import { Path, showId } from './ids.wire.ts'
import { cursorTo, Order, Paging, placeOf } from './paging.wire.ts'
import { keepSource, mediaContent, textContent } from './prepare-content.ts'
import { type App, about, answers } from './routes.ts'
import { lend } from './scopes.ts'

const TAG = 'Campaigns'
const READ = 'campaigns:read'
const WRITE = 'campaigns:write'
const ONE = { params: Path('cmp'), response: answers(200, One) }

export function campaignRoutes(app: App, door: Door): void {
  app.get(
    '/campaigns',
    {
      schema: {
        ...about(TAG, ['List campaigns', 'Newest first.'], READ),
        querystring: z.object({ ...Paging, order: Order }),
        response: answers(200, PageOf),
      },
    },
    async ({ ctx, query }) => {
      const { limit, order } = query
      const { skip } = placeOf(query)
      const { rows, total = 0 } = await listCampaigns(ctx, { order: order === 'asc' ? 'oldest' : 'newest', limit, skip, withTotal: true })
      return page(await showAll(ctx, rows), { limit, skip, total, cursorAt: (place) => cursorTo({ skip: place, list: undefined }) })
    },
  )
  app.post(
    '/campaigns',
    {
      schema: {
        ...about(TAG, ['Make a campaign', 'Sent at once to everybody in an audience.'], WRITE),
        body: NewCampaign,
        response: answers(200, One),
      },
    },
    (request, reply) =>
      door.once(request, reply, {
        before: async (asker) => {
          const content = await contentOf(lend(asker, WRITE, ['media:write']), request.body)
          return async (ctx) => ({ status: 200, body: one(await show(ctx, await create(ctx, request.body, content))) })
        },
      }),
  )
  app.get('/campaigns/:id', { schema: { ...about(TAG, ['Get a campaign'], READ), ...ONE } }, async ({ ctx, params }) =>
    one(await show(ctx, await getCampaign(ctx, { campaignId: params.id }))),
  )
  moveRoutes(app, door)
}

function moveRoutes(app: App, door: Door): void {
  const moves = [
    ['pause', 'Pause a campaign', (ctx: Context, campaignId: string) => pauseCampaign(ctx, { campaignId, from: ['running'] })],
    ['resume', 'Resume a campaign', (ctx: Context, campaignId: string) => resumeCampaign(ctx, { campaignId })],
    ['cancel', 'Cancel a campaign', (ctx: Context, campaignId: string) => cancelCampaign(ctx, { campaignId })],
  ] as const
  for (const [word, title, move] of moves)
    app.post(`/campaigns/:id/${word}`, { schema: { ...about(TAG, [title], WRITE), ...ONE } }, (request, reply) =>
      door.once(request, reply, async (ctx) => ({ status: 200, body: one(await show(ctx, await move(ctx, request.params.id))) })),
    )
}

type Body = z.output<typeof NewCampaign>

async function contentOf(ctx: Context, { text, mediaUrl, mediaCaption }: Body) {
  if (mediaUrl === undefined) return textContent(text ?? '')
  const file = await keepSource(ctx, { url: mediaUrl }, {})
  return mediaContent(file, { kind: undefined, caption: mediaCaption ?? text, filename: undefined })
}

const create = (ctx: Context, { name, audienceId, onMissingVariable, from }: Body, content: Awaited<ReturnType<typeof contentOf>>) =>
  createCampaign(ctx, {
    name,
    audienceId,
    content,
    from,
    persona: 'own_number',
    onMissingVariable: ON_MISSING[onMissingVariable],
    door: DOOR,
  }).catch(asContacts)

/** Members are contacts here, by this door's ids. */
function asContacts(error: unknown): never {
  if (!(error instanceof DomainError) || error.code !== 'invalid') throw error
  const issues = error.issues.map(({ path, ...issue }) => {
    const [list, memberId = '', token] = path.split('.')
    return { ...issue, path: list === 'members' && token !== undefined ? `contacts.${showId('mem', memberId)}.${token}` : path }
  })
  throw new DomainError(error.code, error.message, { issues, facts: { ...error.facts } })
}

async function showAll(ctx: Context, campaigns: readonly CountedCampaign[]) {
  const channels = await findChannels(
    ctx.db,
    ctx.workspaceId,
    campaigns.map(({ channelId }) => channelId),
  )
  const phones = phonesOf(channels)
  return campaigns.map((campaign) => showCampaign(campaign, phones.get(campaign.channelId)))
}

const show = async (ctx: Context, campaign: CountedCampaign) =>
  showCampaign(campaign, (await findChannels(ctx.db, ctx.workspaceId, [campaign.channelId]))[0]?.phone)
