import type { FastifyInstance } from 'fastify'
import type { Door } from '#kit/door'
import { apiKeyRoutes } from './api-keys.ts'
import { audienceRoutes } from './audiences.ts'
import { bearer } from './bearer.ts'
import { campaignRoutes } from './campaigns.ts'
import { channelLinkRoutes } from './channel-links.ts'
import { channelRoutes } from './channels.ts'
import { contactRoutes } from './contacts.ts'
import { conversationRoutes } from './conversations.ts'
import { deliveryRoutes } from './deliveries.ts'
import { speak } from './errors.ts'
import { eventRoutes } from './event-feed.ts'
import { webhooks } from './events.ts'
import { groupRoutes } from './groups.ts'
import { linkRoutes } from './links.ts'
import { meRoutes } from './me.ts'
import { mediaRoutes } from './media.ts'
import { memberCsvRoutes } from './members-csv.ts'
import { messagePinRoutes } from './message-pins.ts'
import { messageRoutes } from './messages.ts'
import { newsletterRoutes } from './newsletters.ts'
import { recurrenceRoutes } from './recurrences.ts'
import type { App } from './routes.ts'
import { simulatorRoutes } from './simulator.ts'
import { webhookRoutes } from './webhooks.ts'

const DESCRIPTION = `Send WhatsApp messages now or later, from your own number or over Meta's Cloud API.

**A key opens a workspace.** Send it as \`Authorization: Bearer chq_test_…\`. The first keys are in \`first-run.json\` in the server's data folder;
\`npm run chasqui -- keys create --name shop\` makes more. A test key reaches simulated phones only, so try everything with one:

\`\`\`sh
curl -X POST $CHASQUI_URL/v2/messages \\
  -H "Authorization: Bearer $KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"to": "+14155550123", "text": "Hi"}'
\`\`\`

Ids are typed (\`msg_…\`), times are ISO 8601 in UTC, lists are \`{ data, nextCursor }\`. Errors are RFC 9457 problems with a \`code\` for programs.
Every POST honours \`Idempotency-Key\` for 24 hours: the same request again gets the first answer, with \`Idempotent-Replayed: true\`.`

const SECTIONS = {
  Messages: 'Kept once they are accepted; they leave when their time, their channel and their turn have come.',
  Recurrences: 'Messages that come again and again, by a rule in the local time of a zone.',
  Conversations: 'The thread between one channel and one person: unread messages, and the 24-hour window.',
  Contacts: 'People, by phone and by the ids that WhatsApp gives them.',
  Audiences: 'Lists of people to send to, with words of their own for each.',
  Campaigns:
    'One send to many: to an audience or to people named at once, with words of their own for each; paused, resumed and cancelled at any moment.',
  Groups: 'What a number of your own is in: who is there, its name, its rules.',
  Newsletters: 'What people follow; you post to it.',
  Channels: 'The numbers that messages leave from.',
  Webhooks: 'Where events are pushed, signed by the rules of Standard Webhooks; every attempt is in the log and can be made again.',
  Events: 'What happened, numbered without gaps: to be read page by page, or as a stream.',
  Media: 'Files, stored once and used in any number of messages.',
  Simulator: 'Test workspaces only: what the simulated phones show, and what they do.',
  Account: 'What a key opens.',
  'API keys': 'A key has a name and scopes; its secret is shown once.',
}

/** Our own API at /v2. */
export const canonical = {
  name: 'canonical',
  prefixes: ['/v2'],
  reference: { title: 'Chasqui API', version: '2', description: DESCRIPTION, sections: SECTIONS },
  routes: addRoutes,
  speak,
  webhooks,
}

async function addRoutes(scope: FastifyInstance, door: Door): Promise<void> {
  scope.get('/openapi.json', { schema: { hide: true } }, (_, reply) => reply.redirect('/docs/canonical/openapi.json', 308))
  await scope.register(async (admitted) => {
    admitted.addHook('onRequest', async (request) => {
      await door.admit(request, bearer(request.headers.authorization))
    })
    const app: App = admitted.withTypeProvider()
    for (const add of [
      meRoutes,
      apiKeyRoutes,
      messageRoutes,
      recurrenceRoutes,
      messagePinRoutes,
      conversationRoutes,
      contactRoutes,
      audienceRoutes,
      campaignRoutes,
      groupRoutes,
      newsletterRoutes,
      channelRoutes,
      channelLinkRoutes,
      webhookRoutes,
      deliveryRoutes,
      eventRoutes,
      linkRoutes,
      simulatorRoutes,
    ])
      add(app, door)
    await mediaRoutes(app, door)
    await admitted.register((own) => memberCsvRoutes(own, door))
  })
}
