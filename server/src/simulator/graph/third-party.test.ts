import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OnMessageArgs, OnStatusArgs } from 'whatsapp-api-js/emitters'
import {
  ActionButtons,
  ActionCTA,
  ActionList,
  Body,
  BodyComponent,
  BodyParameter,
  Button,
  Contacts,
  Document,
  Footer,
  Header,
  Image,
  Interactive,
  ListSection,
  Location,
  Name,
  Phone,
  Reaction,
  Row,
  Template,
  Text,
} from 'whatsapp-api-js/messages'
import { WhatsAppAPI } from 'whatsapp-api-js/middleware/node-http'
import type { ClientMessage } from 'whatsapp-api-js/types'
import { createPhoneView } from '../phone-view.ts'
import { openEmulator, PHONE_ID, SECRET, SHOP, TOKEN, VERIFY_TOKEN, WABA } from './emulator.fixture.ts'

const ANN = '+491701234567'
const ANN_ID = 'DE.13491208655302741918'
let house: Awaited<ReturnType<typeof openEmulator>>
const client = new WhatsAppAPI({
  token: TOKEN,
  appSecret: SECRET,
  webhookVerifyToken: VERIFY_TOKEN,
  v: 'v24.0',
  // the client knows Meta's host only
  ponyfill: {
    fetch: (input, init) =>
      fetch(String(input instanceof Request ? input.url : input).replace('https://graph.facebook.com', house.url), init),
  },
})
const heard: { statuses: OnStatusArgs[]; messages: OnMessageArgs[]; codes: number[] } = { statuses: [], messages: [], codes: [] }
const arrivals = new Set<() => void>()
client.on.status = (status) => void heard.statuses.push(status)
client.on.message = (message) => void heard.messages.push(message)

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    response.end(client.handle_get(request))
    return
  }
  const code = await client.handle_post(request)
  heard.codes.push(code)
  response.writeHead(code).end()
  for (const look of arrivals) look()
})
const until = (test: () => boolean) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (!test()) return
      arrivals.delete(look)
      resolve()
    }
    arrivals.add(look)
    look()
  })

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  house = await openEmulator()
  house.network.changePhone(ANN, { bsuid: ANN_ID })
  const { port } = server.address() as AddressInfo // a TCP server has a port
  const body = { override_callback_uri: `http://127.0.0.1:${port}/message`, verify_token: VERIFY_TOKEN }
  expect((await house.call('POST', `v24.0/${WABA}/subscribed_apps`, body)).body).toEqual({ success: true })
})
afterAll(async () => {
  await house.close()
  server.close().closeAllConnections()
})

async function send(message: ClientMessage, callbackData?: string): Promise<string> {
  const answer = await client.sendMessage(PHONE_ID, { phone: ANN, bsuid: ANN_ID }, message, undefined, callbackData)
  if (!('messages' in answer)) throw new Error(JSON.stringify(answer))
  return answer.messages[0].id
}
const bubbles = () => [...(house.network.chat(SHOP, ANN)?.bubbles.values() ?? [])]

it('sends every kind of message and hears its receipts, signature verified', async () => {
  const form = new FormData()
  form.set('file', new File(['a picture'], 'a.png', { type: 'image/png' }))
  const media = await client.uploadMedia(PHONE_ID, form)
  if (!('id' in media)) throw new Error(JSON.stringify(media))
  const first = await send(new Text('hello 🦊'), 'inst:m1:1')
  await send(new Image(media.id, true, 'a caption'))
  await send(new Document('https://example.com/a.pdf', false, 'c', 'a.pdf'))
  await send(new Location(13.4, 52.5, 'Berlin'))
  await send(new Contacts([new Name('Ann B', 'Ann'), new Phone('+1 555', 'HOME')]))
  await send(new Reaction(first, '👍'))
  await send(new Template('hello_world', 'en_US'))
  await send(
    new Interactive(
      new ActionButtons(new Button('y', 'Yes'), new Button('n', 'No')),
      new Body('Coming?'),
      new Header('Party'),
      new Footer('tonight'),
    ),
  )
  await send(new Interactive(new ActionList('Open', new ListSection('One', new Row('r', 'Row', 'with words'))), new Body('Choose')))
  await send(new Interactive(new ActionCTA('Go', 'https://example.com'), new Body('Look')))
  expect(bubbles().map(({ content }) => content.type)).toEqual([
    'text',
    'image',
    'document',
    'location',
    'contacts',
    'reaction',
    'template',
    'interactive',
    'interactive',
    'interactive',
  ])
  await until(() => heard.statuses.length === 9 * 3 + 1)
  expect(new Set(heard.codes)).toEqual(new Set([200]))
  const told = heard.statuses.filter(({ id }) => id === first)
  expect(told.map(({ status }) => status).sort()).toEqual(['delivered', 'read', 'sent'])
  expect(told[0]).toMatchObject({ phoneID: PHONE_ID, phone: '491701234567', biz_opaque_callback_data: 'inst:m1:1' })
})

it('sees refusals as errors', async () => {
  const answer = await client.sendMessage(PHONE_ID, { phone: '+491705550002', bsuid: ANN_ID }, new Text('x'))
  expect(answer).toMatchObject({ error: { code: 131026, fbtrace_id: expect.any(String) } })
  const wrong = new BodyComponent(new BodyParameter('too many'))
  expect(await client.sendMessage(PHONE_ID, { phone: ANN, bsuid: ANN_ID }, new Template('hello_world', 'en_US', wrong))).toMatchObject({
    error: { code: 132000 },
  })
})

it('hears a phone, answers it, marks it read, fetches its file', async () => {
  const view = createPhoneView(house.network)
  const asked = bubbles().find(({ content }) => content.type === 'interactive')
  view.act(SHOP, ANN, { act: 'write', text: 'grüße 🦊' })
  view.act(SHOP, ANN, { act: 'press', wireId: asked?.wireId ?? '', id: 'y' })
  view.act(SHOP, ANN, { act: 'send_file', kind: 'image', base64: Buffer.from('from the phone').toString('base64'), mimeType: 'image/png' })
  await until(() => heard.messages.length === 3)
  const of = (type: string) => heard.messages.find(({ message }) => message.type === type)
  expect(of('text')).toMatchObject({ phoneID: PHONE_ID, from: '491701234567', name: 'Phone 4567', message: { text: { body: 'grüße 🦊' } } })
  expect(of('interactive')?.message).toMatchObject({
    interactive: { type: 'button_reply', button_reply: { id: 'y', title: 'Yes' } },
    context: { id: asked?.wireId },
  })
  const text = of('text')
  expect(await text?.received()).toEqual({ success: true })
  expect(bubbles().find(({ wireId }) => wireId === text?.message.id)?.state).toBe('read')
  await text?.reply(new Text('and to you'), true)
  expect(bubbles().at(-1)).toMatchObject({ content: { text: 'and to you' }, contextWireId: text?.message.id })
  const picture = of('image')?.message
  const found = await client.retrieveMedia(picture?.type === 'image' ? picture.image.id : '', PHONE_ID)
  if (!('url' in found)) throw new Error(JSON.stringify(found))
  expect(await (await client.fetchMedia(found.url)).text()).toBe('from the phone')
  expect(await client.deleteMedia(found.id)).toEqual({ success: true })
})
