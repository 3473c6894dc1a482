import { createNewsletter, getNewsletter, listNewsletters } from '#core/newsletters'
import { ahead, type Door } from '#kit/door'
import { Path } from './ids.wire.ts'
import { showList } from './lists.wire.ts'
import { NewNewsletter, NewsletterList, NewsletterQuery, ShownNewsletter, showNewsletter } from './newsletters.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Newsletters'

export function newsletterRoutes(app: App, door: Door): void {
  app.get(
    '/newsletters',
    {
      schema: {
        ...about(TAG, listNewsletters, 'List newsletters'),
        querystring: NewsletterQuery,
        response: answers(200, NewsletterList),
      },
    },
    async ({ ctx, query }) => showList(await listNewsletters(ctx, query), showNewsletter),
  )
  app.post(
    '/newsletters',
    {
      schema: {
        ...about(TAG, createNewsletter, 'Found a newsletter'),
        body: NewNewsletter,
        response: answers(201, ShownNewsletter),
      },
    },
    (request, reply) =>
      door.once(
        request,
        reply,
        ahead(async (ctx) => ({ status: 201, body: showNewsletter(await createNewsletter(ctx, request.body)) })),
      ),
  )
  app.get(
    '/newsletters/:id',
    {
      schema: { ...about(TAG, getNewsletter, 'Get a newsletter'), params: Path('nwl'), response: answers(200, ShownNewsletter) },
    },
    async ({ ctx, params }) => showNewsletter(await getNewsletter(ctx, { newsletterId: params.id })),
  )
}
