import { z } from 'zod'
import {
  addParticipants,
  createGroup,
  getGroup,
  leaveGroup,
  listGroups,
  listParticipants,
  removeParticipant,
  setAdmin,
  setGroupPicture,
  updateGroup,
} from '#core/groups'
import { ahead, type Door } from '#kit/door'
import {
  GroupEdit,
  GroupList,
  GroupQuery,
  MadeGroup,
  NewGroup,
  NewParticipants,
  ParticipantList,
  ParticipantPath,
  ParticipantQuery,
  Picture,
  Role,
  ShownGroup,
  showGroup,
  showMade,
  showParticipant,
} from './groups.wire.ts'
import { Path } from './ids.wire.ts'
import { showList } from './lists.wire.ts'
import { LARGE_BODY } from './messages.wire.ts'
import { type App, about, answers } from './routes.ts'
import { storeSource } from './store-sources.ts'

const TAG = 'Groups'
const ONE = { params: Path('grp'), response: answers(200, ShownGroup) }

export function groupRoutes(app: App, door: Door): void {
  app.get(
    '/groups',
    { schema: { ...about(TAG, listGroups, 'List groups'), querystring: GroupQuery, response: answers(200, GroupList) } },
    async ({ ctx, query }) => showList(await listGroups(ctx, query), showGroup),
  )
  app.get(
    '/contacts/:id/groups',
    {
      schema: {
        ...about(TAG, listGroups, 'List groups of a contact', 'groups.of-contact'),
        description: 'The groups that a contact and a channel of this workspace are both in.\n\nScope: `groups:read` and `contacts:read`',
        params: Path('con'),
        querystring: ParticipantQuery,
        response: answers(200, GroupList),
      },
    },
    async ({ ctx, params, query }) => showList(await listGroups(ctx, { ...query, contactId: params.id }), showGroup),
  )
  app.post(
    '/groups',
    { schema: { ...about(TAG, createGroup, 'Found a group'), body: NewGroup, response: answers(201, MadeGroup) } },
    (request, reply) =>
      door.once(
        request,
        reply,
        ahead(async (ctx) => ({ status: 201, body: showMade(await createGroup(ctx, request.body)) })),
      ),
  )
  oneRoutes(app, door)
  participantRoutes(app, door)
}

function oneRoutes(app: App, door: Door): void {
  app.get('/groups/:id', { schema: { ...about(TAG, getGroup, 'Get a group'), ...ONE } }, async ({ ctx, params }) =>
    showGroup(await getGroup(ctx, { groupId: params.id })),
  )
  app.patch(
    '/groups/:id',
    { schema: { ...about(TAG, updateGroup, 'Change a group'), ...ONE, body: GroupEdit } },
    async ({ ctx, params, body }) => showGroup(await updateGroup(ctx, { ...body, groupId: params.id })),
  )
  app.put(
    '/groups/:id/picture',
    { bodyLimit: LARGE_BODY, schema: { ...about(TAG, setGroupPicture, 'Set the picture'), ...ONE, body: Picture } },
    async ({ ctx, params, body }) => {
      await getGroup(ctx, { groupId: params.id })
      const mediaId = await storeSource(ctx, body.media)
      return showGroup(await setGroupPicture(ctx, { groupId: params.id, mediaId }))
    },
  )
  app.post('/groups/:id/leave', { schema: { ...about(TAG, leaveGroup, 'Leave a group'), ...ONE } }, (request, reply) =>
    door.once(
      request,
      reply,
      ahead(async (ctx) => ({ status: 200, body: showGroup(await leaveGroup(ctx, { groupId: request.params.id })) })),
    ),
  )
}

function participantRoutes(app: App, door: Door): void {
  app.get(
    '/groups/:id/participants',
    {
      schema: {
        ...about(TAG, listParticipants, 'List participants'),
        params: Path('grp'),
        querystring: ParticipantQuery,
        response: answers(200, ParticipantList),
      },
    },
    async ({ ctx, params, query }) => showList(await listParticipants(ctx, { ...query, groupId: params.id }), showParticipant),
  )
  app.post(
    '/groups/:id/participants',
    {
      schema: {
        ...about(TAG, addParticipants, 'Add participants'),
        params: Path('grp'),
        body: NewParticipants,
        response: answers(200, MadeGroup),
      },
    },
    (request, reply) =>
      door.once(
        request,
        reply,
        ahead(async (ctx) => ({
          status: 200,
          body: showMade(await addParticipants(ctx, { ...request.body, groupId: request.params.id })),
        })),
      ),
  )
  app.patch(
    '/groups/:id/participants/:participant',
    {
      schema: {
        ...about(TAG, setAdmin, 'Make an admin, or a member again'),
        params: ParticipantPath,
        body: Role,
        response: answers(200, ShownGroup),
      },
    },
    async ({ ctx, params, body }) =>
      showGroup(await setAdmin(ctx, { groupId: params.id, participant: params.participant, isAdmin: body.role === 'admin' })),
  )
  app.delete(
    '/groups/:id/participants/:participant',
    { schema: { ...about(TAG, removeParticipant, 'Remove a participant'), params: ParticipantPath, response: answers(204, z.null()) } },
    async ({ ctx, params }, reply) => {
      await removeParticipant(ctx, { groupId: params.id, participant: params.participant })
      return reply.code(204).send()
    },
  )
}
