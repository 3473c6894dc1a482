import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import * as baileys from 'baileys'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeEnvelope } from './envelope.ts'
import { toFileKey } from './media.wire.ts'
import { type PollBook, parseEnvelope } from './parse.ts'

const { proto } = baileys
const ME = { id: '14155550100:7@s.whatsapp.net', lid: '900:7@lid' }
const ANN = { from: '777@lid', sender_pn: '14155550123@s.whatsapp.net', id: '3EB0AA', t: '1760000000', notify: 'Ann' }
const GROUP = '120363021234567890@g.us'
const NO_POLLS: PollBook = { poll: async () => undefined }
const REGISTERED = { lid: '777@lid', phone: '+14155550123', waId: '14155550123', profileName: 'Ann' }

const parse = (message: baileys.proto.IMessage, attributes: Record<string, string> = ANN, book = NO_POLLS) =>
  parseEnvelope(baileys, book, writeEnvelope({ attributes, me: ME, message: proto.Message.encode(message).finish() }))
const one = async (message: baileys.proto.IMessage, attributes?: Record<string, string>, book?: PollBook) =>
  (await parse(message, attributes, book)).messages[0]
const contentOf = async (message: baileys.proto.IMessage) => (await one(message))?.content

const KEY = { remoteJid: '14155550100@s.whatsapp.net', fromMe: true, id: '3EB0TARGET' }
const FILE = {
  directPath: '/v/t62.7118-24/1_2_n.enc?ccb=11-4&oh=01_Q5',
  mediaKey: Buffer.alloc(32, 1),
  fileSha256: Buffer.alloc(32, 2),
  mimetype: 'image/jpeg',
  fileLength: 1234,
}

describe('who wrote where', () => {
  const said = { conversation: 'Hi' }
  test('a person, by LID and number', async () => {
    expect(await one(said)).toEqual({
      wireId: '3EB0AA',
      from: REGISTERED,
      at: new Date(1_760_000_000_000),
      content: { type: 'text', text: 'Hi' },
      context: { participant: '777@lid' },
    })
  })
  test('a person, by number and LID', async () => {
    const found = await one(said, { ...ANN, from: '14155550123:4@s.whatsapp.net', sender_lid: '777@lid' })
    expect(found?.from).toEqual(REGISTERED)
  })
  test('somebody in a group', async () => {
    const found = await one(said, { ...ANN, from: GROUP, participant: '777:2@lid', participant_pn: '14155550123@s.whatsapp.net' })
    expect(found).toMatchObject({ group: GROUP, from: REGISTERED, context: { participant: '777@lid' } })
    expect(found).not.toHaveProperty('own')
  })
  test('the owner, on the phone, to a person', async () => {
    const attributes = {
      id: '3A1',
      t: '1760000000',
      from: '900:0@lid',
      recipient: '777@lid',
      peer_recipient_pn: '14155550123@s.whatsapp.net',
    }
    const found = await one({ deviceSentMessage: { destinationJid: '777@lid', message: said } }, attributes)
    expect(found).toMatchObject({ from: {}, own: { to: { lid: '777@lid', phone: '+14155550123' } }, content: { text: 'Hi' } })
    expect(await one(said, attributes)).toMatchObject({ own: {}, content: { text: 'Hi' } }) // already unwrapped
  })
  test('the owner, on the phone, in a group', async () => {
    const found = await one(said, { id: '3A1', t: '1', from: GROUP, participant: '14155550100:0@s.whatsapp.net' })
    expect(found).toMatchObject({ from: {}, own: {}, group: GROUP })
    expect(found?.own).toEqual({})
  })
  test('what is for nobody here, or cannot be', async () => {
    for (const attributes of [
      { ...ANN, from: 'status@broadcast', participant: '777@lid' },
      { ...ANN, from: '120363@newsletter' },
      { ...ANN, from: '867051314767696@bot' },
      { ...ANN, recipient: '555@lid' }, // only we may have written to somebody else
      { ...ANN, from: GROUP },
      { ...ANN, id: 'a b\u0000' },
    ])
      expect(await parse(said, attributes)).toEqual({ messages: [], receipts: [], notices: [] })
  })
  test('nobody else may say that a message was sent by us', async () => {
    expect(await parse({ deviceSentMessage: { destinationJid: '555@lid', message: said } })).toMatchObject({ messages: [] })
  })
  test('a list of people is a chat with each', async () => {
    expect(await one(said, { ...ANN, from: '1600@broadcast', participant: '777@lid', participant_pn: ANN.sender_pn })).toMatchObject({
      from: REGISTERED,
    })
  })
})

describe('what was said', () => {
  test.each<[string, baileys.proto.IMessage, unknown]>([
    ['extended', { extendedTextMessage: { text: 'Hi\u0000 there' } }, { type: 'text', text: 'Hi there' }],
    ['disappearing', { ephemeralMessage: { message: { extendedTextMessage: { text: 'Hi' } } } }, { type: 'text', text: 'Hi' }],
    [
      'image',
      { imageMessage: { ...FILE, caption: 'Look' } },
      { type: 'image', caption: 'Look', remoteMedia: { mimeType: 'image/jpeg', size: 1234 } },
    ],
    ['once', { viewOnceMessageV2: { message: { imageMessage: FILE } } }, { type: 'image' }],
    ['gif', { videoMessage: { ...FILE, mimetype: 'video/mp4', gifPlayback: true } }, { type: 'video' }],
    ['note', { ptvMessage: { ...FILE, mimetype: 'video/mp4' } }, { type: 'video' }],
    ['audio', { audioMessage: { ...FILE, mimetype: 'audio/mp4' } }, { type: 'audio' }],
    [
      'voice',
      { audioMessage: { ...FILE, mimetype: 'audio/ogg; codecs=opus', ptt: true } },
      { type: 'voice', remoteMedia: { mimeType: 'audio/ogg; codecs=opus' } },
    ],
    [
      'document',
      { documentWithCaptionMessage: { message: { documentMessage: { ...FILE, fileName: 'a.pdf', caption: 'Here' } } } },
      { type: 'document', filename: 'a.pdf', caption: 'Here' },
    ],
    [
      'sticker',
      { lottieStickerMessage: { message: { stickerMessage: { ...FILE, isAnimated: true } } } },
      { type: 'sticker', animated: true },
    ],
    [
      'place',
      { locationMessage: { degreesLatitude: 1.5, degreesLongitude: 2, name: 'Here' } },
      { type: 'location', latitude: 1.5, longitude: 2, name: 'Here' },
    ],
    ['live', { liveLocationMessage: { degreesLatitude: 1.5, degreesLongitude: 2 } }, { type: 'location', latitude: 1.5 }],
    [
      'card',
      { contactMessage: { displayName: 'Bo', vcard: 'BEGIN:VCARD\nVERSION:3.0\nFN:Bo Li\nitem1.TEL;waid=60123456789:+60 12\nEND:VCARD' } },
      { type: 'contacts', contacts: [{ name: { formatted: 'Bo Li' }, phones: [{ phone: '+60 12', waId: '60123456789' }] }] },
    ],
    [
      'cards',
      { contactsArrayMessage: { contacts: [{ displayName: 'A', vcard: '' }, { displayName: 'B' }] } },
      { type: 'contacts', contacts: [{}, {}] },
    ],
    [
      'poll',
      { pollCreationMessageV3: { name: 'When?', options: [{ optionName: 'Now' }, { optionName: 'Later' }], selectableOptionsCount: 1 } },
      { type: 'poll', question: 'When?', options: ['Now', 'Later'], allowMultiple: false },
    ],
    [
      'poll in a wrapper',
      { pollCreationMessageV4: { message: { pollCreationMessage: { name: 'Who?', options: [{ optionName: 'I' }] } } } },
      { type: 'poll', question: 'Who?', allowMultiple: true },
    ],
    ['reaction', { reactionMessage: { key: KEY, text: '👍' } }, { type: 'reaction', wireId: '3EB0TARGET', emoji: '👍' }],
    ['reaction taken back', { reactionMessage: { key: KEY, text: '' } }, { type: 'reaction', emoji: '' }],
    [
      'edit',
      { protocolMessage: { key: KEY, type: 14, editedMessage: { extendedTextMessage: { text: 'New' } } } },
      { type: 'edit', wireId: '3EB0TARGET', content: { type: 'text', text: 'New' } },
    ],
    [
      'edit in a wrapper',
      { editedMessage: { message: { protocolMessage: { key: KEY, type: 14, editedMessage: { conversation: 'New' } } } } },
      { type: 'edit', wireId: '3EB0TARGET', content: { type: 'text', text: 'New' } },
    ],
    ['revoke', { protocolMessage: { key: KEY, type: 0 } }, { type: 'revoke', wireId: '3EB0TARGET' }],
    [
      'pin',
      { pinInChatMessage: { key: KEY, type: 1 }, messageContextInfo: { messageAddOnDurationInSecs: 86_400 } },
      { type: 'pin', wireId: '3EB0TARGET', pinned: true, seconds: 86_400 },
    ],
    ['unpin', { pinInChatMessage: { key: KEY, type: 2 } }, { type: 'pin', pinned: false }],
    [
      'button',
      { buttonsResponseMessage: { selectedButtonId: 'y', selectedDisplayText: 'Yes' } },
      { type: 'reply', kind: 'button', id: 'y', title: 'Yes' },
    ],
    [
      'row',
      { listResponseMessage: { title: 'Two', singleSelectReply: { selectedRowId: '2' } } },
      { type: 'reply', kind: 'list', id: '2', title: 'Two' },
    ],
    [
      'quick reply',
      { templateButtonReplyMessage: { selectedId: 'q', selectedDisplayText: 'Q' } },
      { type: 'reply', kind: 'quick_reply', id: 'q' },
    ],
    [
      'form',
      { interactiveResponseMessage: { nativeFlowResponseMessage: { name: 'flow', paramsJson: '{"a":1}' } } },
      { type: 'reply', kind: 'form', id: 'flow', payload: { a: 1 } },
    ],
    ['template', { templateMessage: { hydratedTemplate: { hydratedContentText: 'Your code' } } }, { type: 'text', text: 'Your code' }],
    ['order', { orderMessage: { orderId: '1', message: 'Two please' } }, { type: 'order', text: 'Two please', items: [] }],
    [
      'invite',
      { groupInviteMessage: { groupJid: GROUP, inviteCode: 'x' } },
      { type: 'unknown', kind: 'groupInviteMessage', raw: { groupInviteMessage: { inviteCode: 'x' } } },
    ],
    ['event', { eventMessage: { name: 'Fair' } }, { type: 'unknown', kind: 'eventMessage' }],
    ['call', { call: { callKey: Buffer.alloc(9) } }, { type: 'unknown', kind: 'call' }],
    ['a file without a key', { imageMessage: { directPath: '/v/1' } }, { type: 'unknown', kind: 'imageMessage' }],
  ])('%s', async (_, message, expected) => expect(await contentOf(message)).toMatchObject(expected as object))

  test.each<[string, baileys.proto.IMessage]>([
    ['a key for a group', { senderKeyDistributionMessage: { groupId: GROUP } }],
    ['settings', { protocolMessage: { type: 3, ephemeralExpiration: 86_400 } }],
    ['a share of keys', { protocolMessage: { type: 6, appStateSyncKeyShare: { keys: [] } } }],
    ['nothing', {}],
  ])('%s is no message', async (_, message) => expect(await contentOf(message)).toBeUndefined())

  test('what belongs to a message comes with it', async () => {
    const contextInfo = {
      stanzaId: '3EB0Q',
      participant: '14155550100@s.whatsapp.net',
      quotedMessage: { conversation: 'x'.repeat(500) },
      mentionedJid: ['14155550199@s.whatsapp.net', '888@lid', 'nobody'],
      isForwarded: true,
      forwardingScore: 5,
    }
    const found = await one({ extendedTextMessage: { text: 'Yes', contextInfo } })
    expect(found).toMatchObject({
      repliesTo: '3EB0Q',
      context: {
        forwarded: true,
        frequently_forwarded: true,
        mentions: ['+14155550199', '888@lid'],
        quoted: { type: 'text', text: 'x'.repeat(200), author: '+14155550100' },
      },
    })
  })

  test('a raw form is never large', async () => {
    const found = await contentOf({
      productMessage: { product: { title: 'x'.repeat(100_000), productImage: { jpegThumbnail: Buffer.alloc(50_000) } } },
    })
    expect(JSON.stringify(found).length).toBeLessThan(17_000)
  })
})

describe('files', () => {
  const idOf = async (part: object) => {
    const content = await contentOf({ imageMessage: { ...FILE, ...part } })
    return content && 'remoteMedia' in content ? content.remoteMedia.id : undefined
  }
  test('are named by all that it takes to fetch them', async () => {
    expect(toFileKey(await idOf({}))).toEqual({ type: 'image', path: FILE.directPath, key: FILE.mediaKey, sha256: FILE.fileSha256 })
  })
  test('lie on hosts of the network, whatever the sender says', async () => {
    expect(toFileKey(await idOf({ directPath: '', url: 'https://evil.example/v/1?x=2' }))?.path).toBe('/v/1?x=2')
    for (const directPath of ['@evil.example/', 'evil.example', '.evil.example/', '/v/\r\nHost: evil'])
      expect(await idOf({ directPath, url: '' })).toBeUndefined()
  })
  test.each([undefined, '', 'x', Buffer.from('["image","//",1]').toString('base64url')])('%j names none', (id) =>
    expect(toFileKey(id)).toBeUndefined(),
  )
})

describe('votes', () => {
  const secret = randomBytes(32)
  const book: PollBook = { poll: async (wireId) => (wireId === 'POLL1' ? { options: ['Now', 'Later'], secret } : undefined) }
  const sealed = (voter: string, creator: string, chosen: string[]) => {
    const selectedOptions = chosen.map((name) => createHash('sha256').update(name).digest())
    const first = createHmac('sha256', Buffer.alloc(32)).update(secret).digest()
    const key = createHmac('sha256', first)
      .update(Buffer.concat([Buffer.from(`POLL1${creator}${voter}Poll Vote`), Buffer.from([1])]))
      .digest()
    const encIv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, encIv).setAAD(Buffer.from(`POLL1\0${voter}`))
    const plain = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
    return { encPayload: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]), encIv }
  }
  const update = (voter: string, creator: string, chosen: string[]) => ({
    pollUpdateMessage: { pollCreationMessageKey: { ...KEY, id: 'POLL1' }, vote: sealed(voter, creator, chosen) },
  })
  test.each([
    ['777@lid', '900@lid'],
    ['14155550123@s.whatsapp.net', '14155550100@s.whatsapp.net'],
    ['777@lid', '14155550100@s.whatsapp.net'],
  ])('of %s on a poll of %s', async (voter, creator) => {
    expect((await one(update(voter, creator, ['Later']), ANN, book))?.content).toEqual({
      type: 'poll_vote',
      wireId: 'POLL1',
      options: ['Later'],
    })
  })
  test('taken back', async () => {
    expect((await one(update('777@lid', '900@lid', []), ANN, book))?.content).toEqual({ type: 'poll_vote', wireId: 'POLL1', options: [] })
  })
  test('that nobody here can open are no message', async () => {
    expect(await parse(update('555@lid', '900@lid', ['Now']), ANN, book)).toMatchObject({ messages: [] })
    expect(await parse(update('777@lid', '900@lid', ['Now']), ANN)).toMatchObject({ messages: [] })
  })
  test('are read later when the database is away', async () => {
    const away: PollBook = { poll: () => Promise.reject(new Error('Connection terminated unexpectedly')) }
    await expect(parse(update('777@lid', '900@lid', ['Now']), ANN, away)).rejects.toThrow('terminated')
  })
})

test('whatever comes, nothing is thrown, and all of it can be stored', async () => {
  const attributes = fc.dictionary(
    fc.constantFrom('from', 'participant', 'recipient', 'id', 't', 'notify', 'sender_pn', 'participant_pn'),
    fc.oneof(fc.string(), fc.constantFrom('777@lid', GROUP, ME.id, '1')),
  )
  await fc.assert(
    fc.asyncProperty(attributes, fc.uint8Array({ maxLength: 400 }), async (told, message) => {
      const { messages } = await parseEnvelope(baileys, NO_POLLS, writeEnvelope({ attributes: { ...ANN, ...told }, me: ME, message }))
      expect(JSON.stringify(messages)).not.toMatch(/\\u0000|\\ud[89a-f]/)
      for (const { at } of messages) expect(Number.isNaN(at.getTime())).toBe(false)
    }),
    { numRuns: 500 },
  )
})
