import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import type { Door } from '#kit/door'
import { accountRoutes } from './account.ts'
import { audienceRoutes } from './audiences.ts'
import { bearer } from './bearer.ts'
import { campaignRoutes } from './campaigns.ts'
import { chatMessageRoutes } from './chat-messages.ts'
import { chatRoutes } from './chats.ts'
import { contactRoutes } from './contacts.ts'
import { DOOR } from './door.ts'
import { foldKeys } from './dual.wire.ts'
import { engineRoutes } from './engines.ts'
import { speak } from './errors.ts'
import { webhooks } from './events.ts'
import { groupRoutes } from './groups.ts'
import { legacyRoutes } from './legacy.ts'
import { lookupRoutes } from './lookups.ts'
import { messageActionRoutes } from './message-actions.ts'
import { messageRoutes } from './messages.ts'
import { newsletterRoutes } from './newsletters.ts'
import type { App } from './routes.ts'
import { scheduledMessageRoutes } from './scheduled-messages.ts'
import { webhookRoutes } from './webhooks.ts'

const LEGACY = '/messages'
const FILE_MOST = 100 * 1024 * 1024
const FIELD_MOST = 64 * 1024

const SECTIONS = {
  'Scheduled messages': 'Messages for now or for later, and what became of them.',
  Messages: 'Chats in both directions, direct sends, receipts, reactions, pins, files.',
  Chats: 'Conversations with people and groups, and what one does with them.',
  Contacts: 'People that are known.',
  Audiences: 'Lists of people to send to, with words of their own for each.',
  Campaigns: 'One text or file to everybody in an audience.',
  Groups: 'What a linked number is in: who is there, its name, its rules.',
  Newsletters: 'What people follow; you post to it.',
  Webhooks: 'Where events are posted.',
  Account: 'What a key opens, and the numbers that are linked.',
  Lookups: 'Is a number on WhatsApp, what does a person look like, what is behind a link.',
  Legacy: 'The API before `/v1`.',
}

const DESCRIPTION = `The HTTP API of Blueticks, for clients that speak it: change the base URL and the key.

Send a key as \`Authorization: Bearer bt_test_…\`. The first ones are in \`first-run.json\` in the server's data folder;
\`npm run chasqui -- keys create --name shop --style blueticks\` makes more, and \`keys import\` takes one over that a client has already.

Every generation of its clients is served at once: fields are taken and given in camelCase and snake_case, an object stands at the top and
under \`data\`, lists page by \`skip\` and by \`cursor\`, and every webhook delivery carries each of its signatures.`

/** Blueticks: /v1, and /messages as it was before. */
export const blueticksCo = {
  name: DOOR,
  prefixes: ['/v1', LEGACY],
  reference: { title: 'Blueticks-compatible API', version: '2.0.0', description: DESCRIPTION, sections: SECTIONS },
  routes: addRoutes,
  speak,
  webhooks,
}

async function addRoutes(scope: FastifyInstance, door: Door): Promise<void> {
  scope.decorateRequest('mediaFile', undefined)
  const app: App = scope.withTypeProvider()
  if (scope.prefix === LEGACY) return legacyRoutes(app, door)
  await scope.register(multipart, {
    limits: { files: 1, fileSize: FILE_MOST, fields: 32, parts: 33, headerPairs: 32, fieldSize: FIELD_MOST },
  })
  scope.addHook('onRequest', async (request) => {
    await door.admit(request, bearer(request.headers.authorization))
  })
  scope.addHook('preValidation', async (request) => {
    request.body = foldKeys(request.body)
    request.query = foldKeys(request.query)
  })
  for (const add of [
    accountRoutes,
    engineRoutes,
    lookupRoutes,
    scheduledMessageRoutes,
    messageRoutes,
    messageActionRoutes,
    chatRoutes,
    chatMessageRoutes,
    contactRoutes,
    groupRoutes,
    newsletterRoutes,
    audienceRoutes,
    campaignRoutes,
    webhookRoutes,
  ])
    add(app, door)
}
