import {
  cancelCampaign,
  createCampaign,
  getCampaign,
  listCampaigns,
  listRecipients,
  pauseCampaign,
  previewCampaign,
  previewStoredCampaign,
  resumeCampaign,
  retryFailed,
  startCampaign,
  updateCampaign,
} from '#core/campaigns'
import type { Door } from '#kit/door'
import {
  CampaignEdit,
  CampaignList,
  CampaignQuery,
  DryRun,
  NewCampaign,
  RecipientList,
  RecipientQuery,
  RetryFailed,
  ShownCampaign,
  ShownPreview,
  showCampaign,
  showPreview,
  showRecipient,
} from './campaigns.wire.ts'
import { Path } from './ids.wire.ts'
import { showList } from './lists.wire.ts'
import { contentOf, LARGE_BODY, OURS } from './messages.wire.ts'
import { type App, about, answers } from './routes.ts'
import { storeSources } from './store-sources.ts'

const TAG = 'Campaigns'
const ONE = { params: Path('cmp'), response: answers(200, ShownCampaign) }

export function campaignRoutes(app: App, door: Door): void {
  app.get(
    '/campaigns',
    { schema: { ...about(TAG, listCampaigns, 'List campaigns'), querystring: CampaignQuery, response: answers(200, CampaignList) } },
    async ({ ctx, query: { state, ...page } }) => showList(await listCampaigns(ctx, { ...page, states: state }), showCampaign),
  )
  app.post(
    '/campaigns',
    {
      bodyLimit: LARGE_BODY,
      schema: { ...about(TAG, createCampaign, 'Make a campaign'), body: NewCampaign, response: answers(201, ShownCampaign) },
    },
    (request, reply) => {
      const { text, content, ...rest } = request.body
      return door.once(request, reply, {
        before: async (ctx) => {
          const said = await storeSources(ctx, contentOf({ text, content }))
          return async (inside) => ({ status: 201, body: showCampaign(await createCampaign(inside, { ...rest, ...OURS, content: said })) })
        },
      })
    },
  )
  app.get('/campaigns/:id', { schema: { ...about(TAG, getCampaign, 'Get a campaign'), ...ONE } }, async ({ ctx, params }) =>
    showCampaign(await getCampaign(ctx, { campaignId: params.id })),
  )
  app.patch(
    '/campaigns/:id',
    { bodyLimit: LARGE_BODY, schema: { ...about(TAG, updateCampaign, 'Change a campaign'), ...ONE, body: CampaignEdit } },
    async ({ ctx, params, body: { text, content, ...edit } }) => {
      const said = text === undefined && content === undefined ? undefined : await storeSources(ctx, contentOf({ text, content }))
      return showCampaign(await updateCampaign(ctx, { ...edit, campaignId: params.id, content: said }))
    },
  )
  app.get(
    '/campaigns/:id/recipients',
    {
      schema: {
        ...about(TAG, listRecipients, 'List recipients'),
        params: Path('cmp'),
        querystring: RecipientQuery,
        response: answers(200, RecipientList),
      },
    },
    async ({ ctx, params, query: { state, ...page } }) =>
      showList(await listRecipients(ctx, { ...page, states: state, campaignId: params.id }), showRecipient),
  )
  previewRoutes(app)
  moveRoutes(app, door)
}

/** Nothing is kept, so that nothing needs to be remembered. */
function previewRoutes(app: App): void {
  app.post(
    '/campaigns/dry-run',
    {
      bodyLimit: LARGE_BODY,
      schema: { ...about(TAG, previewCampaign, 'Dry run'), body: DryRun, response: answers(200, ShownPreview) },
    },
    async ({ ctx, body: { text, content, ...rest } }) => {
      const said = await storeSources(ctx, contentOf({ text, content }))
      return showPreview(await previewCampaign(ctx, { ...rest, persona: OURS.persona, content: said }))
    },
  )
  app.post(
    '/campaigns/:id/dry-run',
    {
      schema: {
        ...about(TAG, previewStoredCampaign, 'Dry run of a campaign'),
        params: Path('cmp'),
        response: answers(200, ShownPreview),
      },
    },
    async ({ ctx, params }) => showPreview(await previewStoredCampaign(ctx, { campaignId: params.id })),
  )
}

function moveRoutes(app: App, door: Door): void {
  const moves = [
    ['start', startCampaign, 'Start a draft'],
    ['pause', pauseCampaign, 'Pause a campaign'],
    ['resume', resumeCampaign, 'Resume a campaign'],
    ['cancel', cancelCampaign, 'Cancel a campaign'],
  ] as const
  for (const [word, verb, title] of moves)
    app.post(`/campaigns/:id/${word}`, { schema: { ...about(TAG, verb, title), ...ONE } }, (request, reply) =>
      door.once(request, reply, async (ctx) => ({ status: 200, body: showCampaign(await verb(ctx, { campaignId: request.params.id })) })),
    )
  app.post(
    '/campaigns/:id/retry-failed',
    {
      schema: {
        ...about(TAG, retryFailed, 'Retry those that failed'),
        params: Path('cmp'),
        body: RetryFailed,
        response: answers(201, ShownCampaign),
      },
    },
    (request, reply) =>
      door.once(request, reply, async (ctx) => ({
        status: 201,
        body: showCampaign(await retryFailed(ctx, { ...request.body, campaignId: request.params.id })),
      })),
  )
}
