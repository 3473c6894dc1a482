import { downloadMediaMessage } from 'baileys'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { jidOf, newNumber, openWeb } from './client.fixture.ts'

let web: Awaited<ReturnType<typeof openWeb>>
beforeAll(async () => {
  web = await openWeb()
})
afterAll(() => web.close())
const text = (words: string) => ({ type: 'text' as const, text: words })

it('a device that is linked late has what was said before, in parts', async () => {
  const shop = newNumber()
  const people = Array.from({ length: 120 }, () => newNumber())
  const bytes = Buffer.from('a file of before')
  for (const one of people) web.network.reply(one, shop, { content: text(`I am ${one}`) })
  const last = people.at(-1) ?? ''
  web.network.deliver(shop, last, { content: text('Hello'), wireId: 'BEFORE1' })
  const { id } = web.network.files.put({ bytes, mimeType: 'text/plain', owner: shop })
  const file = web.network.reply(last, shop, { content: { type: 'document', remoteMedia: { id } } })
  const client = await web.link(shop)
  await client.until(() => client.all('messaging-history.set').flatMap(({ chats }) => chats).length === 120)
  const parts = client.all('messaging-history.set')
  expect(parts.filter(({ chats }) => chats.length > 0).map(({ chats }) => chats.length)).toEqual([50, 50, 20])
  const messages = parts.flatMap((part) => part.messages)
  expect(messages).toHaveLength(122)
  expect(messages.find(({ key }) => key.id === 'BEFORE1')).toMatchObject({
    key: { fromMe: true, remoteJid: jidOf(last) },
    message: { conversation: 'Hello' },
  })
  const document = messages.find(({ key }) => key.id === file)
  expect(document && (await downloadMediaMessage(document, 'buffer', {}))).toEqual(bytes)
  await client.until(
    () =>
      parts.length > 0 &&
      client.all('messaging-history.set').some(({ contacts }) => contacts.some(({ notify }) => notify === `Phone ${last.slice(-4)}`)),
  )
  expect(await client.sock.signalRepository.lidMapping.getLIDForPN(jidOf(last))).toMatch(/@lid$/)
})

it('what one device sets, the others and the phone know', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  const [first, second] = [await web.link(shop), await web.link(shop)]
  const { message } = await first.incoming(web.network.reply(ann, shop, { content: text('archive me') }))
  const lastMessages = [{ key: message.key, messageTimestamp: Number(message.messageTimestamp) }]
  await first.sock.chatModify({ archive: true, lastMessages }, jidOf(ann))
  await first.sock.chatModify({ pin: true }, jidOf(ann))
  await first.sock.chatModify({ markRead: false, lastMessages }, jidOf(ann))
  expect(web.server.settings(shop)).toMatchObject({
    [`["archive","${jidOf(ann)}"]`]: { archiveChatAction: { archived: true } },
    [`["pin_v1","${jidOf(ann)}"]`]: { pinAction: { pinned: true } },
    [`["markChatAsRead","${jidOf(ann)}"]`]: { markChatAsReadAction: { read: false } },
  })
  await second.until(() =>
    second
      .all('chats.update')
      .flat()
      .some(({ id, archived }) => id === jidOf(ann) && archived),
  )
  await second.sock.chatModify({ archive: false, lastMessages }, jidOf(ann))
  expect(web.server.settings(shop)[`["archive","${jidOf(ann)}"]`]).toMatchObject({ archiveChatAction: { archived: false } })
})

it('privacy, blocked people and pictures are kept', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  const client = await web.link(shop)
  await client.sock.updateReadReceiptsPrivacy('none')
  expect(await client.sock.fetchPrivacySettings(true)).toMatchObject({ readreceipts: 'none' })
  await client.sock.onWhatsApp(ann)
  await client.send(jidOf(ann), { text: 'now we know each other' })
  await client.sock.updateBlockStatus(jidOf(ann), 'block')
  expect(await client.sock.fetchBlocklist()).toHaveLength(1)
  await expect(client.sock.profilePictureUrl(jidOf(ann), 'image')).rejects.toThrow('item-not-found')
  web.server.setPicture(ann, Buffer.from('picture'))
  const url = await client.sock.profilePictureUrl(jidOf(ann), 'image')
  expect(await fetch(url ?? '').then((response) => response.text())).toBe('picture')
})

it('one-time keys that run out are made anew', async () => {
  const [shop, curious] = [newNumber(), newNumber()]
  await web.link(shop)
  const other = await web.link(curious)
  const user = { tag: 'user', attrs: { jid: web.server.lid(shop).replace('@', ':1@') } }
  const content = [{ tag: 'key', attrs: {}, content: Array.from({ length: 811 }, () => user) }]
  await other.sock.query({ tag: 'iq', attrs: { xmlns: 'encrypt', type: 'get', to: 's.whatsapp.net' }, content })
  await expect.poll(() => web.server.devices(shop)[0]?.oneTimeKeys).toBe(5)
})
