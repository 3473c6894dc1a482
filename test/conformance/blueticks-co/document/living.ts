import { eventually } from '../../house.ts'
import type { Place } from '../../places/place.ts'

/** What stands in the place of an example's ids: things that live, made anew for each request that may end them. */
export type Living = Readonly<Record<string, string>>

const TO = '+14155551234'
const HOUR_MS = 3_600_000

async function make(house: Place, path: string, body: object): Promise<Record<string, unknown>> {
  const told = await house.ask(path, { body })
  if (told.status >= 300) throw new Error(`POST ${path}: ${told.status} ${told.text}`)
  return told.body
}

/** A message that was read, in a chat that its person has answered in. */
export async function makeMessage(house: Place, picture: string): Promise<Living> {
  const { key } = await make(house, `/v1/messages/${TO}`, { mediaUrl: picture })
  await eventually(async () => (await house.ask(`/v1/messages/ack/${encodeURIComponent(String(key))}`)).body.ack === 3)
  return { key: String(key) }
}

const makeAudience = (house: Place) =>
  make(house, '/v1/audiences', { name: 'Spring customers', contacts: [{ to: TO, variables: { firstName: 'Ana' } }] })

/** A campaign in the state that the last word of the path wants. */
async function makeCampaign(house: Place, path: string): Promise<Living> {
  const contacts = Array.from({ length: 200 }, (_, i) => ({ to: `+1202555${4_000 + i}` }))
  const audience = await make(house, '/v1/audiences', { name: 'Many', contacts })
  const { id } = await make(house, '/v1/campaigns', { name: 'Spring', audienceId: audience.id, text: 'Hi' })
  const moves = path.endsWith('/resume') ? ['pause'] : []
  if (/\/(pause|resume)$/.test(path)) await eventually(async () => (await house.ask(`/v1/campaigns/${id}`)).body.status === 'running')
  for (const move of moves) await house.ask(`/v1/campaigns/${id}/${move}`, { method: 'POST' })
  return { id: String(id) }
}

type Maker = (house: Place, path: string) => Promise<Living>
const idOf =
  (path: string, body: object): Maker =>
  async (house) => ({ id: String((await make(house, path, body)).id) })

/** By the beginning of the path that names it. */
const MAKERS: Readonly<Record<string, Maker>> = {
  '/v1/scheduled-messages/{id}': (house) =>
    idOf('/v1/scheduled-messages', { to: TO, text: 'Later', sendAt: new Date(Date.now() + HOUR_MS).toISOString() })(house, ''),
  '/v1/groups/{id}': idOf('/v1/groups', { name: 'Team', participants: [TO, '+14155555678'] }),
  '/v1/newsletters/{id}': idOf('/v1/newsletters', { name: 'News' }),
  '/v1/webhooks/{id}': idOf('/v1/webhooks', { url: 'http://127.0.0.1:9/', events: ['message.read'] }),
  '/v1/campaigns/{id}': makeCampaign,
  '/v1/campaigns': async (house) => ({ audienceId: String((await makeAudience(house)).id) }),
  '/v1/audiences/{id}': async (house) => {
    const { id } = await makeAudience(house)
    const { body } = await house.ask(`/v1/audiences/${id}?page=1`)
    return { id: String(id), contactId: String((body.contacts as { id: string }[])[0]?.id) } // it was made with one
  },
}

/** Things for one request to this path. */
export async function makeFor(house: Place, path: string): Promise<Living> {
  const maker = Object.keys(MAKERS).find((start) => path === start || (start.endsWith('}') && path.startsWith(start)))
  return maker === undefined ? {} : ((await MAKERS[maker]?.(house, path)) ?? {})
}
