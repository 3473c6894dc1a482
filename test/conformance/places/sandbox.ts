import { type LiveHouse, openLiveHouse } from '../house.ts'
import type { Bubble, Phones, Place } from './place.ts'

/** The test workspace of a new house: simulated phones, held by its own API. */
export async function openSandbox(): Promise<Place> {
  const house = await openLiveHouse()
  const { keys, live, channels } = house.firstRun
  return {
    url: house.url,
    keys,
    other: live,
    number: channels.ownNumber.number,
    cloud: channels.cloud,
    facts: { engines: 2, platform: 'sandbox', newsletterAck: 2, crowd: 150 },
    phones: openPhones(house),
    ask: house.ask,
    comeBack: async () => undefined, // by itself, a few seconds later
    close: house.close,
  }
}

function openPhones({ ask, firstRun }: LiveHouse): Phones {
  const key = firstRun.keys.canonical
  const simulator = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const told = await ask(`/v2/simulator/${path}`, { key, ...(body && { body }) })
    if (told.status >= 300) throw new Error(`${path} answered ${told.status}: ${told.text}`)
    return told.body
  }
  const idOf = async (group: string) => {
    const { body } = await ask('/v2/groups?limit=200', { key })
    return (body.data as { id: string; address: string }[]).find(({ address }) => address === group)?.id
  }
  return {
    act: async (phone, deed, body) => String((await simulator(`phones/${phone}/${deed}`, body)).wireId),
    actInGroup: async (phone, group, does) => String((await simulator(`groups/${await idOf(group)}/acts`, { phone, ...does })).wireId),
    bubbles: async (phone) => (await simulator(`phones/${phone}`)).bubbles as Bubble[], // as the reference says
  }
}
