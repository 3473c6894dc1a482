import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import type { Door } from '#kit/door'
import { accountRoutes } from './account.ts'
import { audienceRoutes } from './audiences.ts'
import { bearer } from './bearer.ts'
import { campaignRoutes } from './campaigns.ts'
import { DOOR } from './door.ts'
import { foldKeys } from './dual.wire.ts'
import { speak } from './errors.ts'
import { webhooks } from './events.ts'
import { legacyRoutes } from './legacy.ts'
import { messageRoutes } from './messages.ts'
import type { App } from './routes.ts'
import { scheduledMessageRoutes } from './scheduled-messages.ts'
import { webhookRoutes } from './webhooks.ts'

const LEGACY = '/messages'
const FILE_MOST = 100 * 1024 * 1024
const FIELD_MOST = 64 * 1024

const SECTIONS = {
  'Scheduled messages': 'Messages for now or for later, and what became of them.',
  Messages: 'Chats in both directions, direct sends, receipts, files.',
  Audiences: 'Lists of people to send to, with words of their own for each.',
  Campaigns: 'One text or file to everybody in an audience.',
  Webhooks: 'Where events are posted.',
  Account: 'What a key opens, and the numbers that are linked.',
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
  for (const add of [accountRoutes, scheduledMessageRoutes, messageRoutes, audienceRoutes, campaignRoutes, webhookRoutes]) add(app, door)
}
