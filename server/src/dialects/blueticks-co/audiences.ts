import { z } from 'zod'
import {
  appendMembers,
  createAudience,
  deleteAudience,
  getAudience,
  listAudiences,
  listMembers,
  removeMember,
  updateAudience,
  updateMember,
} from '#core/audiences'
import type { Door } from '#kit/door'
import { One, one, PageOf, page } from './answers.wire.ts'
import {
  AudienceEdit,
  CONTACTS_A_PAGE,
  ContactEdit,
  ContactPath,
  ContactsPage,
  NewAudience,
  NewContacts,
  showAudience,
  showContact,
} from './audiences.wire.ts'
import { Path, showId } from './ids.wire.ts'
import { cursorTo, Order, Paging, placeOf } from './paging.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Audiences'
const READ = 'audiences:read'
const WRITE = 'audiences:write'
const ONE = { params: Path('aud'), response: answers(200, One) }

export function audienceRoutes(app: App, door: Door): void {
  app.get(
    '/audiences',
    {
      schema: {
        ...about(TAG, ['List audiences', 'Newest first.'], READ),
        querystring: z.object({ ...Paging, order: Order }),
        response: answers(200, PageOf),
      },
    },
    async ({ ctx, query }) => {
      const { limit, order } = query
      const { skip } = placeOf(query)
      const { rows, total = 0 } = await listAudiences(ctx, { order: order === 'asc' ? 'oldest' : 'newest', limit, skip, withTotal: true })
      return page(rows.map(showAudience), { limit, skip, total, cursorAt: (place) => cursorTo({ skip: place, list: undefined }) })
    },
  )
  app.post(
    '/audiences',
    {
      schema: {
        ...about(TAG, ['Make an audience', 'With up to 1,000 contacts at once.'], WRITE),
        body: NewAudience,
        response: answers(200, One),
      },
    },
    (request, reply) =>
      door.once(request, reply, async (ctx) => {
        const { name, contacts } = request.body
        return { status: 200, body: one(showAudience(await createAudience(ctx, { name, members: contacts }))) }
      }),
  )
  app.get(
    '/audiences/:id',
    { schema: { ...about(TAG, ['Get an audience', 'With `page`, its contacts as well.'], READ), ...ONE, querystring: ContactsPage } },
    async ({ ctx, params, query }) => {
      const audience = await getAudience(ctx, { audienceId: params.id })
      if (query.page === undefined) return one(showAudience(audience))
      const skip = (query.page - 1) * CONTACTS_A_PAGE
      const { rows, next } = await listMembers(ctx, { audienceId: params.id, limit: CONTACTS_A_PAGE, skip })
      return one({ ...showAudience(audience), contacts: rows.map(showContact), page: query.page, hasMore: next !== undefined })
    },
  )
  app.patch(
    '/audiences/:id',
    { schema: { ...about(TAG, ['Rename an audience'], WRITE), ...ONE, body: AudienceEdit } },
    async ({ ctx, params, body }) => one(showAudience(await updateAudience(ctx, { ...body, audienceId: params.id }))),
  )
  app.delete('/audiences/:id', { schema: { ...about(TAG, ['Delete an audience'], WRITE), ...ONE } }, async ({ ctx, params }) => {
    await deleteAudience(ctx, { audienceId: params.id })
    return one({ id: showId('aud', params.id), deleted: true })
  })
  contactRoutes(app, door)
}

function contactRoutes(app: App, door: Door): void {
  const ofOne = { params: ContactPath, response: answers(200, One) }
  app.post(
    '/audiences/:id/contacts',
    {
      schema: {
        ...about(TAG, ['Add contacts', 'Who is in it already is skipped.'], WRITE),
        ...ONE,
        body: NewContacts,
      },
    },
    (request, reply) =>
      door.once(request, reply, async (ctx) => {
        const { added, memberCount } = await appendMembers(ctx, { audienceId: request.params.id, members: request.body.contacts })
        return { status: 200, body: one({ added, contactCount: memberCount }) }
      }),
  )
  app.patch(
    '/audiences/:id/contacts/:contactId',
    { schema: { ...about(TAG, ['Change a contact', 'Variables are replaced as a whole.'], WRITE), ...ofOne, body: ContactEdit } },
    async ({ ctx, params, body }) =>
      one(showContact(await updateMember(ctx, { ...body, audienceId: params.id, memberId: params.contactId }))),
  )
  app.delete(
    '/audiences/:id/contacts/:contactId',
    { schema: { ...about(TAG, ['Remove a contact'], WRITE), ...ofOne } },
    async ({ ctx, params }) => {
      await removeMember(ctx, { audienceId: params.id, memberId: params.contactId })
      return one({ id: showId('mem', params.contactId) })
    },
  )
}
