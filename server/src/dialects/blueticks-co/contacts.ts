import { listContacts } from '#core/contacts'
import { PageOf, page } from './answers.wire.ts'
import { ContactSearch, showContact } from './contacts.wire.ts'
import { cursorTo, placeOf } from './paging.wire.ts'
import { type App, about, answers } from './routes.ts'
import { wordsAsked } from './search-words.wire.ts'

export function contactRoutes(app: App): void {
  app.get(
    '/contacts',
    {
      schema: {
        ...about('Contacts', ['List contacts', 'Newest first; people whose chat is archived are left out.'], 'contacts:read'),
        querystring: ContactSearch,
        response: answers(200, PageOf),
      },
    },
    async ({ ctx, query }) => {
      const { limit, includeArchive } = query
      const { skip } = placeOf(query)
      const wish = { limit, skip, search: wordsAsked(query), archived: includeArchive === true ? undefined : false }
      const { rows, total = 0 } = await listContacts(ctx, { ...wish, reachable: true, withTotal: true })
      return page(rows.map(showContact), { limit, skip, total, cursorAt: (place) => cursorTo({ skip: place, list: undefined }) })
    },
  )
}
