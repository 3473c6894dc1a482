import { z } from 'zod'
import {
  createContact,
  deleteContact,
  getContact,
  getPicture,
  listContacts,
  updateContact,
  upsertContact,
  validatePhone,
} from '#core/contacts'
import type { Door } from '#kit/door'
import {
  ContactEdit,
  ContactFacts,
  ContactList,
  ContactPhone,
  ContactQuery,
  ContactRemoval,
  NewContact,
  PhoneToValidate,
  ShownContact,
  ShownPicture,
  ShownValidation,
  showContact,
  showPicture,
  showValidation,
} from './contacts.wire.ts'
import { Path } from './ids.wire.ts'
import { showList } from './lists.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Contacts'

export function contactRoutes(app: App, door: Door): void {
  const one = { params: Path('con'), response: answers(200, ShownContact) }
  app.get(
    '/contacts',
    { schema: { ...about(TAG, listContacts, 'List contacts'), querystring: ContactQuery, response: answers(200, ContactList) } },
    async ({ ctx, query }) => showList(await listContacts(ctx, query), showContact),
  )
  app.post(
    '/contacts',
    { schema: { ...about(TAG, createContact, 'Make a contact'), body: NewContact, response: answers(201, ShownContact) } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => ({ status: 201, body: showContact(await createContact(ctx, request.body)) })),
  )
  app.put(
    '/contacts/by-phone/:phone',
    {
      schema: {
        ...about(TAG, upsertContact, 'Make or change by phone'),
        params: ContactPhone,
        body: ContactFacts,
        response: { ...answers(200, ShownContact), ...answers(201, ShownContact) },
      },
    },
    async ({ ctx, params, body }, reply) => {
      const { contact, created } = await upsertContact(ctx, { ...body, phone: params.phone })
      return reply.code(created ? 201 : 200).send(showContact(contact))
    },
  )
  app.get('/contacts/:id', { schema: { ...about(TAG, getContact, 'Get a contact'), ...one } }, async ({ ctx, params }) =>
    showContact(await getContact(ctx, { contactId: params.id })),
  )
  app.get(
    '/contacts/:id/picture',
    { schema: { ...about(TAG, getPicture, "Get a contact's picture"), params: Path('con'), response: answers(200, ShownPicture) } },
    async ({ ctx, params }) => showPicture(await getPicture(ctx, { contactId: params.id })),
  )
  app.post(
    '/contacts/validate-phone',
    { schema: { ...about(TAG, validatePhone, 'Validate a phone number'), body: PhoneToValidate, response: answers(200, ShownValidation) } },
    (request, reply) =>
      door.once(request, reply, {
        before: async (ctx) => {
          const body = showValidation(await validatePhone(ctx, request.body))
          return async () => ({ status: 200, body })
        },
      }),
  )
  app.patch(
    '/contacts/:id',
    { schema: { ...about(TAG, updateContact, 'Change a contact'), ...one, body: ContactEdit } },
    async ({ ctx, params, body }) => showContact(await updateContact(ctx, { ...body, contactId: params.id })),
  )
  app.delete(
    '/contacts/:id',
    {
      schema: {
        ...about(TAG, deleteContact, 'Delete a contact'),
        params: Path('con'),
        querystring: ContactRemoval,
        response: answers(204, z.null()),
      },
    },
    async ({ ctx, params, query }, reply) => {
      await deleteContact(ctx, { contactId: params.id, history: query.history })
      return reply.code(204).send()
    },
  )
}
