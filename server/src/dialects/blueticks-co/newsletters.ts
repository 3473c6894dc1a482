import { createNewsletter, findNewsletter, listNewsletters } from '#core/newsletters'
import { ahead, type Door } from '#kit/door'
import { One, one, PageOf, page } from './answers.wire.ts'
import { NewNewsletter, NewsletterPath, NewsletterQuery, showNewsletter } from './newsletters.wire.ts'
import { cursorTo, placeOf } from './paging.wire.ts'
import { type App, about, answers } from './routes.ts'
import { lend } from './scopes.ts'
import { wordsAsked } from './search-words.wire.ts'

const TAG = 'Newsletters'
const READ = 'newsletters:read'

export function newsletterRoutes(app: App, door: Door): void {
  app.get(
    '/newsletters',
    { schema: { ...about(TAG, ['List newsletters'], READ), querystring: NewsletterQuery, response: answers(200, PageOf) } },
    async ({ ctx, query }) => {
      const { limit } = query
      const { skip } = placeOf(query)
      const { rows, total = 0 } = await listNewsletters(ctx, { search: wordsAsked(query), limit, skip, withTotal: true })
      return page(rows.map(showNewsletter), { limit, skip, total, cursorAt: (place) => cursorTo({ skip: place, list: undefined }) })
    },
  )
  app.post(
    '/newsletters',
    { schema: { ...about(TAG, ['Found a newsletter'], 'messages:write'), body: NewNewsletter, response: answers(201, One) } },
    (request, reply) =>
      door.once(
        request,
        reply,
        ahead(async (ctx) => {
          const asker = lend(ctx, 'messages:write', ['newsletters:write'])
          return { status: 201, body: one(showNewsletter(await createNewsletter(asker, request.body))) }
        }),
      ),
  )
  app.get(
    '/newsletters/:id',
    { schema: { ...about(TAG, ['Get a newsletter'], READ), params: NewsletterPath, response: answers(200, One) } },
    async ({ ctx, params }) => one(showNewsletter(await findNewsletter(ctx, { address: params.id }))),
  )
}
