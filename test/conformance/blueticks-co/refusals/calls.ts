import type { Blueticks } from 'blueticks'

export const PERSON = '+14155551234'
/** Ids that look right and name nothing. */
export const NOTHING = {
  chat: '14155559998@c.us',
  group: '120363000000000001@g.us',
  key: 'true_14155551234@c.us_3EB0NONE',
  message: 'msg_01k6yzn8td53x8xhz8a2hzgxjp',
  audience: 'aud_01k6yzn8td53x8xhz8a2hzgxjp',
  contact: 'mem_01k6yzn8td53x8xhz8a2hzgxjp',
  campaign: 'cmp_01k6yzn8td53x8xhz8a2hzgxjp',
  webhook: 'wh_01k6yzn8td53x8xhz8a2hzgxjp',
  newsletter: '120363000000000001@newsletter',
}
const { chat, group, key, message, audience, contact, campaign, webhook, newsletter } = NOTHING
const HOOK = { url: 'https://example.com/hook', events: ['message.read' as const] }
const TEXT = { type: 'text' as const, text: 'Hello' }

export type NamedCall = readonly [name: string, call: (client: Blueticks) => Promise<unknown>]

/** Calls that name nothing, or that name what is not there: each a 404 for who may ask. */
export const MISSING: Readonly<Record<string, readonly NamedCall[]>> = {
  'messages:read': [['scheduledMessages.retrieve', (one) => one.scheduledMessages.retrieve(message)]],
  'messages:write': [
    ['scheduledMessages.update', (one) => one.scheduledMessages.update(message, { text: 'x' })],
    ['scheduledMessages.delete', (one) => one.scheduledMessages.delete(message)],
    ['messages.send, an answer', (one) => one.messages.send(PERSON, { ...TEXT, replyTo: key })],
    ['scheduledMessages.create, an answer', (one) => one.scheduledMessages.create(PERSON, { ...TEXT, replyTo: key })],
  ],
  'chats:read': [
    ['chats.get', (one) => one.chats.get(chat)],
    ['chats.listParticipants', (one) => one.chats.listParticipants(chat)],
    ['messages.get', (one) => one.messages.get(key)],
    ['messages.getMedia', (one) => one.messages.getMedia(key, { maxAttempts: 1 })],
    ['messages.listPinned', (one) => one.messages.listPinned(chat)],
    ['messages.loadOlder', (one) => one.messages.loadOlder(chat)],
  ],
  'chats:write': [
    ['chats.markRead', (one) => one.chats.markRead(chat)],
    ['chats.archive', (one) => one.chats.archive(chat)],
    ['chats.unarchive', (one) => one.chats.unarchive(chat)],
    ['messages.pin', (one) => one.messages.pin(key)],
    ['messages.unpin', (one) => one.messages.unpin(key)],
    ['messages.react', (one) => one.messages.react(key, { emoji: '👍' })],
  ],
  'groups:read': [['groups.get', (one) => one.groups.get(group)]],
  'groups:write': [
    ['groups.update', (one) => one.groups.update(group, { name: 'x' })],
    ['groups.addMembers', (one) => one.groups.addMembers(group, { chatId: PERSON })],
    ['groups.removeMember', (one) => one.groups.removeMember(group, PERSON)],
    ['groups.promoteAdmin', (one) => one.groups.promoteAdmin(group, PERSON)],
    ['groups.demoteAdmin', (one) => one.groups.demoteAdmin(group, PERSON)],
    ['groups.setPicture', (one) => one.groups.setPicture(group, { fileDataUrl: 'data:image/png;base64,iVBORw0KGgo=' })],
    ['groups.leave', (one) => one.groups.leave(group)],
  ],
  'newsletters:read': [['newsletters.retrieve', (one) => one.newsletters.retrieve(newsletter)]],
  'audiences:read': [['audiences.get', (one) => one.audiences.get(audience)]],
  'audiences:write': [
    ['audiences.update', (one) => one.audiences.update(audience, { name: 'x' })],
    ['audiences.delete', (one) => one.audiences.delete(audience)],
    ['audiences.appendContacts', (one) => one.audiences.appendContacts(audience, [{ to: PERSON }])],
    ['audiences.updateContact', (one) => one.audiences.updateContact(audience, contact, { to: PERSON })],
    ['audiences.deleteContact', (one) => one.audiences.deleteContact(audience, contact)],
  ],
  'campaigns:read': [['campaigns.get', (one) => one.campaigns.get(campaign)]],
  'campaigns:write': [
    ['campaigns.create', (one) => one.campaigns.create({ name: 'x', audienceId: audience, text: 'x' })],
    ['campaigns.pause', (one) => one.campaigns.pause(campaign)],
    ['campaigns.resume', (one) => one.campaigns.resume(campaign)],
    ['campaigns.cancel', (one) => one.campaigns.cancel(campaign)],
  ],
  'webhooks:read': [['webhooks.get', (one) => one.webhooks.get(webhook)]],
  'webhooks:write': [
    ['webhooks.update', (one) => one.webhooks.update(webhook, { status: 'disabled' })],
    ['webhooks.delete', (one) => one.webhooks.delete(webhook)],
  ],
}

/** The other methods of the client, by the scope that each needs. */
export const PRESENT: Readonly<Record<string, readonly NamedCall[]>> = {
  'account:read': [['account.retrieve', (one) => one.account.retrieve()]],
  'engines:read': [['engines.list', (one) => one.engines.list()]],
  'messages:read': [['scheduledMessages.list', (one) => one.scheduledMessages.list()]],
  'messages:write': [
    ['scheduledMessages.create', (one) => one.scheduledMessages.create(PERSON, TEXT)],
    ['messages.send', (one) => one.messages.send(PERSON, TEXT)],
    ['newsletters.create', (one) => one.newsletters.create({ name: 'News' })],
  ],
  'chats:read': [
    ['chats.list', (one) => one.chats.list()],
    ['messages.list', (one) => one.messages.list()],
    ['messages.getAck', (one) => one.messages.getAck(key)],
    ['messages.batchAcks', (one) => one.messages.batchAcks({ messageKeys: [key] })],
  ],
  'contacts:read': [['contacts.list', (one) => one.contacts.list()]],
  'groups:read': [
    ['groups.list', (one) => one.groups.list()],
    ['contacts.listCommonGroups', (one) => one.contacts.listCommonGroups('14155551234@c.us')],
  ],
  'groups:write': [['groups.create', (one) => one.groups.create({ name: 'Team', participants: [PERSON] })]],
  'newsletters:read': [['newsletters.list', (one) => one.newsletters.list()]],
  'audiences:read': [['audiences.list', (one) => one.audiences.list()]],
  'audiences:write': [['audiences.create', (one) => one.audiences.create({ name: 'All' })]],
  'campaigns:read': [['campaigns.list', (one) => one.campaigns.list()]],
  'webhooks:read': [['webhooks.list', (one) => one.webhooks.list()]],
  'webhooks:write': [['webhooks.create', (one) => one.webhooks.create(HOOK)]],
}

export const SCOPES = [
  ...['account:read', 'messages:read', 'messages:write', 'chats:read', 'chats:write', 'contacts:read', 'groups:read', 'groups:write'],
  ...['newsletters:read', 'audiences:read', 'audiences:write', 'campaigns:read', 'campaigns:write', 'webhooks:read', 'webhooks:write'],
  'engines:read',
]
