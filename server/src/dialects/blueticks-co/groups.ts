import { z } from 'zod'
import {
  addParticipants,
  findGroup,
  type Group,
  leaveGroup,
  listGroups,
  listParticipants,
  removeParticipant,
  setAdmin,
  setGroupPicture,
  updateGroup,
} from '#core/groups'
import type { Context } from '#kit/context'
import { ahead, type Door } from '#kit/door'
import { requireScope } from '#kit/operation'
import { PAGE_MOST } from '#kit/paging'
import { One, one, PageOf, page } from './answers.wire.ts'
import { foundGroup } from './found-group.ts'
import {
  GroupEdit,
  GroupInclude,
  GroupPath,
  GroupQuery,
  MaybePicture,
  MemberPath,
  membersIn,
  NewGroup,
  NewMembers,
  PersonPath,
  showGroup,
  toEdit,
} from './groups.wire.ts'
import { keepPicture } from './keep-picture.ts'
import { addressOf } from './key.wire.ts'
import { cursorTo, placeOf } from './paging.wire.ts'
import { readPictureForm } from './read-multipart.ts'
import { type App, about, answers } from './routes.ts'
import { lend } from './scopes.ts'
import { wordsAsked } from './search-words.wire.ts'
import { LARGE_BODY } from './send-body.wire.ts'

const TAG = 'Groups'
const READ = 'groups:read'
const WRITE = 'groups:write'
const ONE = { params: GroupPath, response: answers(200, One) }

export function groupRoutes(app: App, door: Door): void {
  app.get(
    '/groups',
    {
      schema: {
        ...about(TAG, ['List groups', 'Those that a linked number is in.'], READ),
        querystring: GroupQuery,
        response: answers(200, PageOf),
      },
    },
    async ({ ctx, query }) => {
      const { limit } = query
      const { skip } = placeOf(query)
      const { rows, total = 0 } = await listGroups(ctx, { search: wordsAsked(query), limit, skip, withTotal: true })
      return page(
        rows.map((group) => showGroup(group)),
        { limit, skip, total, cursorAt: (place) => cursorTo({ skip: place, list: undefined }) },
      )
    },
  )
  app.post(
    '/groups',
    {
      schema: {
        ...about(TAG, ['Found a group', 'Who is not on WhatsApp is left out.'], WRITE),
        body: NewGroup,
        response: answers(200, One),
      },
    },
    (request, reply) =>
      door.once(
        request,
        reply,
        ahead(async (ctx) => ({ status: 200, body: one(showGroup(await foundGroup(ctx, request.body))) })),
      ),
  )
  oneRoutes(app)
  memberRoutes(app, door)
  commonRoute(app)
}

function oneRoutes(app: App): void {
  app.get(
    '/groups/:id',
    { schema: { ...about(TAG, ['Get a group', 'With `include=participants`, who is in it.'], READ), ...ONE, querystring: GroupInclude } },
    async ({ ctx, params, query }) => {
      const group = await findGroup(ctx, { address: params.id })
      const wanted = query.include?.split(',').includes('participants')
      return one(showGroup(group, wanted ? (await listParticipants(ctx, { groupId: group.id, all: true })).rows : undefined))
    },
  )
  app.patch(
    '/groups/:id',
    { schema: { ...about(TAG, ['Change a group', 'Its name, its description, its rules.'], WRITE), ...ONE, body: GroupEdit } },
    async ({ ctx, params, body }) => change(ctx, params.id, (groupId) => updateGroup(ctx, { groupId, ...toEdit(body) })),
  )
  app.put(
    '/groups/:id/picture',
    {
      bodyLimit: LARGE_BODY,
      preValidation: readPictureForm,
      schema: {
        ...about(TAG, ['Set the picture', 'By data URL, by URL, or as a form with the part `file`.'], WRITE),
        ...ONE,
        body: MaybePicture,
      },
    },
    async ({ ctx, params, body, mediaFile }) => {
      const asker = lend(ctx, WRITE, ['media:write'])
      return change(asker, params.id, async (groupId) =>
        keepPicture(asker, { body: body ?? {}, upload: mediaFile }, (mediaId) => setGroupPicture(asker, { groupId, mediaId })),
      )
    },
  )
}

function memberRoutes(app: App, door: Door): void {
  const member = { params: MemberPath, response: answers(200, One) }
  app.post('/groups/:id/members', { schema: { ...about(TAG, ['Add members'], WRITE), ...ONE, body: NewMembers } }, (request, reply) =>
    door.once(
      request,
      reply,
      ahead(async (ctx) => {
        const participants = membersIn(request.body)
        const add = async (groupId: string) => (await addParticipants(ctx, { groupId, participants })).group
        return { status: 200, body: await change(ctx, request.params.id, add) }
      }),
    ),
  )
  app.delete(
    '/groups/:id/members/me',
    {
      schema: {
        ...about(TAG, ['Leave a group', 'The same when the number is out already.'], WRITE),
        params: GroupPath,
        response: answers(204, z.null()),
      },
    },
    async ({ ctx, params }, reply) => {
      await change(ctx, params.id, (groupId) => leaveGroup(ctx, { groupId }))
      return reply.code(204).send()
    },
  )
  app.delete('/groups/:id/members/:chatId', { schema: { ...about(TAG, ['Remove a member'], WRITE), ...member } }, async ({ ctx, params }) =>
    change(ctx, params.id, (groupId) => removeParticipant(ctx, { groupId, participant: params.chatId })),
  )
  const admin = '/groups/:id/members/:chatId/admin'
  app.post(admin, { schema: { ...about(TAG, ['Make an admin'], WRITE), ...member } }, (request, reply) =>
    door.once(
      request,
      reply,
      ahead(async (ctx) => {
        const { id, chatId: participant } = request.params
        return { status: 200, body: await change(ctx, id, (groupId) => setAdmin(ctx, { groupId, participant, isAdmin: true })) }
      }),
    ),
  )
  app.delete(admin, { schema: { ...about(TAG, ['Make a member again'], WRITE), ...member } }, async ({ ctx, params }) =>
    change(ctx, params.id, (groupId) => setAdmin(ctx, { groupId, participant: params.chatId, isAdmin: false })),
  )
}

function commonRoute(app: App): void {
  app.get(
    '/contacts/:chatId/common_groups',
    {
      schema: {
        ...about(TAG, ['Groups in common', 'Those that a person and a linked number are both in.'], READ),
        params: PersonPath,
        response: answers(200, PageOf),
      },
    },
    async ({ ctx, params }) => {
      const { rows, total = 0 } = await listGroups(ctx, { participant: addressOf(params.chatId), limit: PAGE_MOST, withTotal: true })
      return page(
        rows.map((group) => showGroup(group)),
        { limit: PAGE_MOST, skip: 0, total, cursorAt: String },
      )
    },
  )
}

/** Does something to the group of this id, and shows it as it is then. */
async function change(ctx: Context, address: string, work: (groupId: string) => Promise<Group>) {
  requireScope(ctx, WRITE) // before it is told whether there is such a group
  const { id } = await findGroup(ctx, { address })
  return one(showGroup(await work(id)))
}
