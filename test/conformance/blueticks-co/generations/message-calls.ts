import { expect } from 'vitest'
import { type Call, get, kept, patch, post, remove, rowsOf, type World } from './call.ts'
import type { Read, Wish } from './clients.ts'

const HOUR_MS = 3_600_000
const later = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString()
const inChat = (world: World, ...more: string[]) => ['chats', world.chat, ...more]
/** Where the first clients look for a message, and where the camelCase one does. */
const onFirst = (world: World, ...more: string[]) => inChat(world, 'messages', kept(world, 'key'), ...more)
const onKey = (word: string[], query?: Wish['query']) => (world: World) => get(['messages', ...word, kept(world, 'key')], query)
const isRead = (row: Read | undefined) => row?.ack === 3
const onScheduled = (world: World) => ['scheduled-messages', kept(world, 'scheduled')]

const SCHEDULED: readonly Call[] = [
  {
    method: { first: 'scheduledMessages.list', camel: 'scheduled_messages.list' },
    ask: () => get(['scheduled-messages'], { limit: 2 }),
    wants: { page: 'ScheduledMessage' },
  },
  {
    method: { first: 'scheduledMessages.retrieve', camel: 'scheduled_messages.retrieve' },
    ask: (world) => get(onScheduled(world)),
    wants: 'ScheduledMessage',
    says: (world) => ({ id: kept(world, 'scheduled'), text: 'Later' }),
  },
  {
    method: { first: 'scheduledMessages.update', camel: 'scheduled_messages.update' },
    ask: (world) => patch(onScheduled(world), { text: 'Much later', sendAt: later(2) }),
    wants: 'ScheduledMessage',
    says: () => ({ text: 'Much later' }),
  },
  {
    method: { first: 'scheduledMessages.delete', camel: 'scheduled_messages.delete' },
    ask: (world) => remove(onScheduled(world)),
    wants: 'Deleted',
    says: (world) => ({ id: kept(world, 'scheduled') }),
  },
]

const FIRST: readonly Call[] = [
  {
    method: 'messages.send',
    only: 'first',
    ask: ({ number, own }) => ({ ...post(['messages'], { to: number, text: 'Now & here', from: own }), idempotencyKey: `now ${number}` }),
    wants: 'Message',
    says: ({ own }) => ({ from: own, text: 'Now & here', status: 'queued', sendAt: null, mediaUrl: null }),
    keep: ({ id }) => ({ message: id }),
  },
  {
    method: 'messages.send',
    only: 'first',
    ask: ({ number, web }) => post(['messages'], { to: number, mediaUrl: `${web}/pixel.png`, mediaCaption: 'A pixel' }),
    wants: 'Message',
    says: () => ({ mediaUrl: expect.any(String) }),
  },
  {
    method: 'messages.send',
    only: 'first',
    ask: ({ chat }) => post(['messages'], { to: chat, text: 'Later', sendAt: later(1) }),
    wants: 'Message',
    says: () => ({ status: 'scheduled' }),
    keep: ({ id }) => ({ scheduled: id }),
  },
  {
    method: 'messages.get',
    only: 'first',
    ask: (world) => get(['messages', kept(world, 'message')]),
    wants: 'Message',
    until: ({ status, sentAt, deliveredAt, readAt }) => status === 'read' && [sentAt, deliveredAt, readAt].every((at) => at !== null),
  },
  { method: 'messages.list', only: 'first', ask: () => get(['messages'], { limit: 2 }), wants: { page: 'Message' } },
  {
    method: 'chats.listMessages',
    only: 'first',
    ask: (world) => get(inChat(world, 'messages'), { mode: 'latest', query: 'pixel', messageTypes: 'image,document', since: later(-1) }),
    wants: { page: 'ChatMessage' },
    until: (page) => isRead(rowsOf(page)[0]),
    keep: (page) => ({ key: rowsOf(page)[0]?.key }),
  },
  {
    method: 'chats.listMessages',
    only: 'first',
    ask: (world) => get(inChat(world, 'messages'), { mode: 'history', until: later(1), limit: 1 }),
    wants: { page: 'ChatMessage' },
  },
  {
    method: 'chats.getMessage',
    only: 'first',
    ask: (world) => get(onFirst(world)),
    wants: 'ChatMessage',
    says: (world) => ({ key: kept(world, 'key'), chatId: world.chat, fromMe: true, type: 'image', caption: 'A pixel' }),
  },
  { method: 'chats.getMessageAck', only: 'first', ask: (world) => get(onFirst(world, 'ack')), wants: 'Ack', says: () => ({ ack: 3 }) },
  { method: 'chats.react', only: 'first', ask: (world) => post(onFirst(world, 'reactions'), { emoji: '👍' }), wants: 'Ok' },
  { method: 'chats.loadOlderMessages', only: 'first', ask: (world) => post(inChat(world, 'messages', 'load_older')), wants: 'History' },
  {
    method: 'chats.getMedia',
    only: 'first',
    ask: (world) => get(onFirst(world, 'media')),
    wants: 'Media',
    says: () => ({ mimetype: 'image/png', mediaUnavailable: null }),
  },
  { method: 'chats.getMediaUrl', only: 'first', ask: (world) => get(onFirst(world, 'media_url')), wants: 'Address' },
  {
    method: 'chats.batchMessageAcks',
    only: 'first',
    ask: (world) => post(['chats', 'message_acks'], { messageKeys: [kept(world, 'key'), `true_${world.chat}_NONE`] }),
    wants: 'Acks',
    says: (world) => ({ data: [{ key: kept(world, 'key'), ack: 3 }, { ack: null }] }),
  },
]

const CAMEL: readonly Call[] = [
  {
    method: 'scheduled_messages.create',
    only: 'camel',
    ask: ({ number }) => ({
      ...post(['scheduled-messages', number], { type: 'text', text: 'Later', sendAt: later(1) }),
      idempotencyKey: `later ${number}`,
    }),
    wants: 'ScheduledMessage',
    says: ({ chat }) => ({ to: chat, text: 'Later', status: 'scheduled' }),
    keep: ({ id }) => ({ scheduled: id }),
  },
  {
    method: 'scheduled_messages.create',
    only: 'camel',
    ask: ({ number, own }) =>
      post(['scheduled-messages'], {
        ...{ type: 'poll', to: number, from: own, poll: { question: 'Lunch?', options: ['Pizza', 'Soup'] } },
        sendAt: later(1),
      }),
    wants: 'ScheduledMessage',
    says: () => ({ type: 'poll', pollQuestion: 'Lunch?' }),
  },
  {
    method: 'chats.sendMessage',
    only: 'camel',
    ask: ({ chat, web }) => post(['messages', chat], { type: 'media', mediaUrl: `${web}/pixel.png`, text: 'A pixel' }),
    wants: 'Message',
    says: ({ chat }) => ({ to: chat, type: 'media', mediaKind: 'image', key: expect.any(String) }),
    keep: ({ key }) => ({ key }),
  },
  {
    method: 'chats.sendMessage',
    only: 'camel',
    ask: ({ number }) => ({ ...post(['messages', number], { type: 'text', text: 'And words' }), idempotencyKey: `words ${number}` }),
    wants: 'Message',
  },
  {
    method: 'chats.listMessages',
    only: 'camel',
    ask: ({ chat }) =>
      get(['messages'], {
        ...{ chatId: chat, order: 'asc', since: later(-1), until: later(1), loadFromPhoneIfNeeded: false, includeMediaContent: true },
        ...{ skip: 0, limit: 50 },
      }),
    wants: { page: 'ChatMessage' },
    until: (page) => isRead(rowsOf(page)[0]),
  },
  {
    method: 'chats.listMessages',
    only: 'camel',
    ask: ({ chat }) => get(['messages'], { chatId: chat, searchToken: 'pixel', messageTypes: 'image,document' }),
    wants: { page: 'ChatMessage' },
    until: (page) => rowsOf(page).length === 1,
  },
  {
    method: 'chats.getMessage',
    only: 'camel',
    ask: onKey([]),
    wants: 'ChatMessage',
    says: (world) => ({ key: kept(world, 'key'), chatId: world.chat, fromMe: true, type: 'image', caption: 'A pixel' }),
  },
  {
    method: 'chats.getMessageAck',
    only: 'camel',
    ask: (world) => onKey(['ack'], { chatId: world.chat })(world),
    wants: 'Ack',
    until: isRead,
  },
  {
    method: 'chats.react',
    only: 'camel',
    ask: (world) => ({ ...post(['messages', 'reactions', kept(world, 'key')], { emoji: '👍' }), query: { chatId: world.chat } }),
    wants: 'Ok',
  },
  { method: 'chats.loadOlderMessages', only: 'camel', ask: ({ chat }) => post(['messages', 'load_older', chat]), wants: 'History' },
  {
    method: 'chats.getMedia',
    only: 'camel',
    ask: onKey(['media']),
    wants: 'Media',
    says: () => ({ mimetype: 'image/png', mediaUnavailable: null }),
  },
  { method: 'chats.getMediaUrl', only: 'camel', ask: onKey(['media_url']), wants: 'Address' },
  {
    method: 'chats.batchMessageAcks',
    only: 'camel',
    ask: (world) => post(['messages', 'acks'], { messageKeys: [kept(world, 'key')] }),
    wants: 'Acks',
    says: (world) => ({ data: [{ key: kept(world, 'key'), ack: 3 }] }),
  },
]

/** Chats, what is said in them, and what is to be said later. */
export const MESSAGE_CALLS: readonly Call[] = [
  { method: 'chats.open', ask: (world) => post(inChat(world, 'open')), wants: 'ChatRef', says: ({ chat }) => ({ chatId: chat }) },
  ...FIRST,
  ...CAMEL,
  ...SCHEDULED,
  {
    method: { first: 'chats.get', camel: 'chats.retrieve' },
    ask: (world) => get(inChat(world)),
    wants: 'Chat',
    says: ({ chat }) => ({ id: chat, isGroup: false }),
  },
  { method: 'chats.list', ask: () => get(['chats'], { limit: 2 }), wants: { page: 'Chat' } },
  {
    method: 'chats.list',
    ask: ({ number }) => get(['chats'], { query: number.slice(1) }),
    wants: { page: 'Chat' },
    says: ({ chat }) => ({ data: [{ id: chat }], hasMore: false, nextCursor: null }),
  },
  {
    method: 'chats.listParticipants',
    ask: (world) => get(inChat(world, 'participants')),
    wants: { page: 'Participant' },
    says: ({ chat }) => ({ data: [{ chatId: chat, isAdmin: false }] }),
  },
  { method: 'chats.markRead', ask: (world) => post(inChat(world, 'mark_read')), wants: 'Ok' },
  { method: 'contacts.list', ask: () => get(['contacts'], { limit: 1 }), wants: { page: 'Contact' } },
  {
    method: 'contacts.list',
    ask: ({ number }) => get(['contacts'], { query: number.slice(1) }),
    wants: { page: 'Contact' },
    says: ({ chat }) => ({ data: [{ chatId: chat }] }),
  },
  { method: 'contacts.getProfilePicture', ask: ({ chat }) => get(['contacts', chat, 'profile_picture']), wants: 'Address' },
]
