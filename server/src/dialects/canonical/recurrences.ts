import { z } from 'zod'
import {
  cancelRecurrence,
  createRecurrence,
  editOccurrence,
  getRecurrence,
  listRecurrenceMessages,
  listRecurrences,
  pauseRecurrence,
  previewRule,
  resumeRecurrence,
  skipOccurrence,
  updateRecurrence,
} from '#core/recurrences'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { Path } from './ids.wire.ts'
import { showList } from './lists.wire.ts'
import { contentOf, LARGE_BODY, MessageList, OURS, type Said, showMessage } from './messages.wire.ts'
import {
  ChangedOccurrence,
  MessagesQuery,
  NewRecurrence,
  OccurrenceEdit,
  OccurrencePath,
  Occurrences,
  OneQuery,
  Preview,
  RecurrenceEdit,
  RecurrenceList,
  RecurrenceQuery,
  ShownRecurrence,
  ShownWithNext,
  showChanged,
  showOccurrence,
  showRecurrence,
} from './recurrences.wire.ts'
import { type App, about, answers } from './routes.ts'
import { storeSources } from './store-sources.ts'

const TAG = 'Recurrences'

export function recurrenceRoutes(app: App, door: Door): void {
  makingRoutes(app, door)
  readingRoutes(app)
  stateRoutes(app, door)
  occurrenceRoutes(app)
}

function makingRoutes(app: App, door: Door): void {
  app.post(
    '/recurrences',
    {
      bodyLimit: LARGE_BODY,
      schema: { ...about(TAG, createRecurrence, 'Make a recurrence'), body: NewRecurrence, response: answers(201, ShownRecurrence) },
    },
    (request, reply) =>
      door.once(request, reply, {
        async before(ctx) {
          const { rule, startsAt, timeZone, text, content, ...message } = request.body
          const input = {
            rule,
            startsAt,
            timeZone,
            message: { ...message, ...OURS, content: await storeSources(ctx, contentOf({ text, content })) },
          }
          return async (inside) => ({ status: 201, body: showRecurrence(await createRecurrence(inside, input)) })
        },
      }),
  )
  app.post(
    '/recurrences/preview',
    { schema: { ...about(TAG, previewRule, 'Preview a rule'), body: Preview, response: answers(200, Occurrences) } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => ({
        status: 200,
        body: { data: (await previewRule(ctx, request.body)).map(showOccurrence) },
      })),
  )
  app.patch(
    '/recurrences/:id',
    {
      bodyLimit: LARGE_BODY,
      schema: {
        ...about(TAG, updateRecurrence, 'Change a recurrence'),
        params: Path('rec'),
        body: RecurrenceEdit,
        response: answers(200, ShownRecurrence),
      },
    },
    async ({ ctx, params, body }) => {
      const { rule, startsAt, timeZone, text, content, ...fields } = body
      const message = { ...fields, content: await stored(ctx, { text, content }) }
      return showRecurrence(await updateRecurrence(ctx, { recurrenceId: params.id, rule, startsAt, timeZone, message }))
    },
  )
}

const stored = async (ctx: Context, said: Said) =>
  said.text === undefined && said.content === undefined ? undefined : storeSources(ctx, contentOf(said))

function readingRoutes(app: App): void {
  app.get(
    '/recurrences',
    {
      schema: { ...about(TAG, listRecurrences, 'List recurrences'), querystring: RecurrenceQuery, response: answers(200, RecurrenceList) },
    },
    async ({ ctx, query: { state, ...page } }) => showList(await listRecurrences(ctx, { ...page, states: state }), showRecurrence),
  )
  app.get(
    '/recurrences/:id',
    {
      schema: {
        ...about(TAG, getRecurrence, 'Get a recurrence'),
        params: Path('rec'),
        querystring: OneQuery,
        response: answers(200, ShownWithNext),
      },
    },
    async ({ ctx, params, query }) => {
      const { recurrence, occurrences } = await getRecurrence(ctx, { ...query, recurrenceId: params.id })
      return { ...showRecurrence(recurrence), occurrences: occurrences.map(showOccurrence) }
    },
  )
  app.get(
    '/recurrences/:id/messages',
    {
      schema: {
        ...about(TAG, listRecurrenceMessages, 'List its messages'),
        params: Path('rec'),
        querystring: MessagesQuery,
        response: answers(200, MessageList),
      },
    },
    async ({ ctx, params, query }) =>
      showList(await listRecurrenceMessages(ctx, { ...query, recurrenceId: params.id }), (message) => showMessage(message, ctx.now())),
  )
}

const STATES = [
  { path: '/recurrences/:id/pause', verb: pauseRecurrence, title: 'Pause a recurrence' },
  { path: '/recurrences/:id/resume', verb: resumeRecurrence, title: 'Resume a recurrence' },
  { path: '/recurrences/:id/cancel', verb: cancelRecurrence, title: 'Cancel a recurrence' },
]

function stateRoutes(app: App, door: Door): void {
  for (const { path, verb, title } of STATES)
    app.post(
      path,
      { schema: { ...about(TAG, verb, title), params: Path('rec'), response: answers(200, ShownRecurrence) } },
      (request, reply) =>
        door.once(request, reply, async (ctx) => ({
          status: 200,
          body: showRecurrence(await verb(ctx, { recurrenceId: request.params.id })),
        })),
    )
}

function occurrenceRoutes(app: App): void {
  app.patch(
    '/recurrences/:id/occurrences/:occurrence',
    {
      bodyLimit: LARGE_BODY,
      schema: {
        ...about(TAG, editOccurrence, 'Change an occurrence'),
        params: OccurrencePath,
        body: OccurrenceEdit,
        response: answers(200, ChangedOccurrence),
      },
    },
    async ({ ctx, params: { id, occurrence }, body: { sendAt, ...said } }) => {
      const content = await stored(ctx, said)
      return showChanged(await editOccurrence(ctx, { recurrenceId: id, occurrence, sendAt, content }))
    },
  )
  app.delete(
    '/recurrences/:id/occurrences/:occurrence',
    { schema: { ...about(TAG, skipOccurrence, 'Skip an occurrence'), params: OccurrencePath, response: answers(204, z.null()) } },
    async ({ ctx, params: { id, occurrence } }, reply) => {
      await skipOccurrence(ctx, { recurrenceId: id, occurrence })
      return reply.code(204).send()
    },
  )
}
