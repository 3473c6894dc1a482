import type { NewsletterRoad, RoadNewsletter } from '#core/transport'
import { type Fields, fields, isFields, list, number, text } from '#kit/lenient'
import { tidy } from '#kit/tidy'
import { isNewsletterJid } from './addresses.ts'
import { ask, ok, refusalOf, type SessionOf } from './asked.ts'
import type { LiveSession } from './live-session.ts'
import { timeOf } from './stanza.wire.ts'

/** The list of what a number follows; the library has no word for it. */
const SUBSCRIBED = { queryId: '6388546374527196', path: 'xwa2_newsletter_subscribed' }
const NEWSLETTERS_MOST = 1_000

export const openNewsletterRoad = (sessionOf: SessionOf): NewsletterRoad => ({
  create: (channel, { name, description }) =>
    ask(sessionOf(channel), async (session) => {
      const { QueryIds, XWAPaths } = session.baileys
      const made = toRoadNewsletter(
        await query(session, {
          queryId: QueryIds.CREATE,
          path: XWAPaths.xwa2_newsletter_create,
          variables: { input: { name, description: description ?? null } },
        }),
      )
      return made ? ok(made) : refusalOf(undefined)
    }),
})

/** Those that the number owns or follows; undefined: the network does not tell. */
export async function fetchNewsletters(session: LiveSession): Promise<RoadNewsletter[] | undefined> {
  const found = await query(session, { ...SUBSCRIBED, variables: {} }).catch(() => undefined)
  return Array.isArray(found) ? found.slice(0, NEWSLETTERS_MOST).flatMap((one) => toRoadNewsletter(one) ?? []) : undefined
}

/** What the network answers to a question in GraphQL; throws its number when it refuses. */
async function query(
  { baileys, socket }: LiveSession,
  { queryId, path, variables }: { queryId: string; path: string; variables: Fields },
): Promise<unknown> {
  const answer = await socket.query({
    tag: 'iq',
    attrs: { type: 'get', to: 's.whatsapp.net', xmlns: 'w:mex' },
    content: [{ tag: 'query', attrs: { query_id: queryId }, content: Buffer.from(JSON.stringify({ variables })) }],
  })
  const content = answer && baileys.getBinaryNodeChild(answer, 'result')?.content
  const said = fields(content ? tidy(JSON.parse(Buffer.from(content as Uint8Array).toString('utf8'))) : undefined) // this child holds bytes
  const [error] = list(said.errors)
  if (error) throw Object.assign(new Error('refused'), { data: number(fields(fields(error).extensions).error_code) ?? 400 })
  return fields(said.data)[path]
}

function toRoadNewsletter(told: unknown): RoadNewsletter | undefined {
  const { id, thread_metadata: thread } = fields(told)
  const facts = fields(thread)
  const address = text(id)
  const name = text(fields(facts.name).text)
  if (address === undefined || !isNewsletterJid(address) || name === undefined || !isFields(thread)) return undefined
  const verification = text(facts.verification)
  return {
    address,
    name: name.slice(0, 500),
    description: text(fields(facts.description).text)?.slice(0, 4_096),
    subscribers: number(facts.subscribers_count),
    invite: text(facts.invite),
    verified: verification === undefined ? undefined : verification.toUpperCase() === 'VERIFIED',
    foundedAt: timeOf(facts.creation_time),
  }
}
