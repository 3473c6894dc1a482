import { expect } from 'vitest'
import type { PhoneDeed, Place } from '../../places/place.ts'
import type { Web } from '../../web.ts'
import { TIME } from './models.ts'
import type { Expected } from './receiver.ts'

/** `hears`: waits until the webhook that asked for every name has been told so. */
export type World = { house: Place; web: Web; hears(expected: Omit<Expected, 'data'>): Promise<unknown> }
/** Something happens, and this is told of it. `names`: the events that it shows. */
export type Deed = {
  title: string
  names: readonly string[]
  /** Why it makes no sense over an own number. */
  sandboxOnly?: string
  happens(world: World): Promise<Expected[]>
}

export const chatOf = (number: string) => `${number.slice(1)}@c.us`
const canonicalKey = ({ house }: World) => house.keys.canonical
export const own = ({ house }: World) => house.number
export const inAMoment = (ms: number) => new Date(Date.now() + ms).toISOString()

/** Asks, and insists on a yes. */
export async function ask({ house }: World, method: string, path: string, body?: object, key?: string) {
  const told = await house.ask(path, { method, ...(body && { body }), ...(key !== undefined && { key }) })
  if (told.status >= 300) expect.fail(`${method} ${path} answered ${told.status}: ${told.text}`)
  return told.body
}
export const v2 = (world: World, method: string, path: string, body?: object) => ask(world, method, `/v2${path}`, body, canonicalKey(world))

/** A simulated phone does something; answers the network's id of it. */
export const phone = ({ house }: World, number: string, ...[deed, body]: [PhoneDeed, Record<string, unknown>]) =>
  house.phones.act(number, deed, body)

/** A text, or what the body says, at once; answers its key. */
export const say = async (world: World, to: string, body: object = { text: 'Hello' }) =>
  String((await ask(world, 'POST', `/v1/messages/${encodeURIComponent(to)}`, body)).key)

/** The receipts of a message to `chatId`: level and the one before. */
export const acks = (key: string, chatId: string, levels: readonly (readonly [ack: number, previousAck: number])[]): Expected[] =>
  levels.map(([ack, previousAck]) => ({
    type: 'ack_changed_webhook',
    where: { chatId, ack },
    data: { key, chatId, ack, previousAck, timestamp: TIME },
  }))

/** An event of a message's life. */
export const life = (type: string, to: string, data: Record<string, unknown>): Expected => ({ type, where: { to }, data })

/** An event of a message in a chat, known by its words. */
export const said = (type: string, chatId: string, data: Record<string, unknown>): Expected => ({
  type,
  where: { chatId, text: data.text },
  data,
})
