import { z } from 'zod'

export type Route = { method: string; url: string; schema: unknown }

/** Names that end like an id and name nothing of ours: people's addresses, the caller's own words, ids given by others, secrets. */
const NO_IDS = new Set([
  'path.phone',
  'path.chatId',
  'query.chatId',
  'body.chatId',
  'body.phoneOrChatId',
  'body.apiKey',
  'body.externalId',
  'body.phoneNumberId',
  'body.wabaId',
])
/** Of a message's content: ids that the receiver's phone sends back, or that lie with Meta. */
const IN_CONTENT = /[.](buttons|rows|sections|items|action|contacts|components|product[a-z]*)[.]|[.]catalogId$/i
const LIKE_AN_ID = /(^|[.])(id|ids|key|keys|fault|replyTo|(?<!(quietH|h)ours[.])from)$|(Id|Ids|Key|Keys)$/

/** Where a request to this route may name something that belongs to somebody: 'path.id', 'query.channelId', 'body.content.media.id'. */
export function idsIn({ url, schema }: Route): string[] {
  const { querystring, body } = (schema ?? {}) as { querystring?: z.ZodType; body?: z.ZodType } // our routes give zod
  const inputs = [
    ...[...url.matchAll(/:(\w+)/g)].map(([, name]) => `path.${name}`),
    ...(querystring ? fieldsOf(document(querystring), 'query') : []),
    ...(body ? fieldsOf(document(body), 'body') : []),
  ]
  return [...new Set(inputs)].filter((input) => LIKE_AN_ID.test(input) && !NO_IDS.has(input) && !IN_CONTENT.test(input))
}

type Json = { properties?: Record<string, Json>; items?: Json; anyOf?: Json[]; oneOf?: Json[]; allOf?: Json[]; $ref?: string }

// JSON Schema made from zod has these fields and no others that hold schemas here
const document = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Json

const fieldsOf = (schema: Json, path: string): string[] => [
  path,
  ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => fieldsOf(inner, `${path}.${name}`)),
  ...[schema.items ?? [], schema.anyOf ?? [], schema.oneOf ?? [], schema.allOf ?? []].flat().flatMap((inner) => fieldsOf(inner, path)),
]
