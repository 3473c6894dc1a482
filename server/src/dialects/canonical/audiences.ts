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
import {
  Appended,
  AudienceEdit,
  AudienceList,
  MemberEdit,
  MemberList,
  MemberPath,
  NewAudience,
  NewMembers,
  ShownAudience,
  ShownMember,
  showAudience,
  showMember,
} from './audiences.wire.ts'
import { Path } from './ids.wire.ts'
import { Paging, showList } from './lists.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Audiences'
const Query = z.strictObject(Paging)

export function audienceRoutes(app: App, door: Door): void {
  const one = { params: Path('aud'), response: answers(200, ShownAudience) }
  app.get(
    '/audiences',
    { schema: { ...about(TAG, listAudiences, 'List audiences'), querystring: Query, response: answers(200, AudienceList) } },
    async ({ ctx, query }) => showList(await listAudiences(ctx, query), showAudience),
  )
  app.post(
    '/audiences',
    { schema: { ...about(TAG, createAudience, 'Make an audience'), body: NewAudience, response: answers(201, ShownAudience) } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => ({ status: 201, body: showAudience(await createAudience(ctx, request.body)) })),
  )
  app.get('/audiences/:id', { schema: { ...about(TAG, getAudience, 'Get an audience'), ...one } }, async ({ ctx, params }) =>
    showAudience(await getAudience(ctx, { audienceId: params.id })),
  )
  app.patch(
    '/audiences/:id',
    { schema: { ...about(TAG, updateAudience, 'Rename an audience'), ...one, body: AudienceEdit } },
    async ({ ctx, params, body }) => showAudience(await updateAudience(ctx, { ...body, audienceId: params.id })),
  )
  app.delete(
    '/audiences/:id',
    { schema: { ...about(TAG, deleteAudience, 'Delete an audience'), params: Path('aud'), response: answers(204, z.null()) } },
    async ({ ctx, params }, reply) => {
      await deleteAudience(ctx, { audienceId: params.id })
      return reply.code(204).send()
    },
  )
  memberRoutes(app, door)
}

function memberRoutes(app: App, door: Door): void {
  app.get(
    '/audiences/:id/members',
    {
      schema: { ...about(TAG, listMembers, 'List members'), params: Path('aud'), querystring: Query, response: answers(200, MemberList) },
    },
    async ({ ctx, params, query }) => showList(await listMembers(ctx, { ...query, audienceId: params.id }), showMember),
  )
  app.post(
    '/audiences/:id/members',
    { schema: { ...about(TAG, appendMembers, 'Add members'), params: Path('aud'), body: NewMembers, response: answers(200, Appended) } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => ({
        status: 200,
        body: await appendMembers(ctx, { ...request.body, audienceId: request.params.id }),
      })),
  )
  app.patch(
    '/audiences/:id/members/:memberId',
    {
      schema: { ...about(TAG, updateMember, 'Change a member'), params: MemberPath, body: MemberEdit, response: answers(200, ShownMember) },
    },
    async ({ ctx, params, body }) => showMember(await updateMember(ctx, { ...body, audienceId: params.id, memberId: params.memberId })),
  )
  app.delete(
    '/audiences/:id/members/:memberId',
    { schema: { ...about(TAG, removeMember, 'Remove a member'), params: MemberPath, response: answers(204, z.null()) } },
    async ({ ctx, params }, reply) => {
      await removeMember(ctx, { audienceId: params.id, memberId: params.memberId })
      return reply.code(204).send()
    },
  )
}
