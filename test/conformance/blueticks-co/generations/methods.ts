import type { Family } from './models.ts'

const of = (group: string, names: string): string[] => names.split(' ').map((name) => `${group}.${name}`)

const SHARED = [
  'ping',
  'account.retrieve',
  ...of('audiences', 'create list get update delete appendContacts updateContact deleteContact'),
  ...of('engines', 'status me logout reload'),
  ...of('groups', 'create update addMember removeMember promoteAdmin demoteAdmin setPicture leave'),
  ...of('contacts', 'list getProfilePicture'),
  ...of('utils', 'validatePhone linkPreview'),
  ...of('chats', 'list listParticipants markRead open listMessages getMessage getMessageAck react loadOlderMessages getMedia getMediaUrl'),
  'chats.batchMessageAcks',
]

/** The methods of each family's clients, by the names of the Node one and of the PHP one. */
export const METHODS: Readonly<Record<Family, readonly string[]>> = {
  first: [
    ...SHARED,
    ...of('messages', 'send get list'),
    ...of('scheduledMessages', 'list retrieve update delete'),
    ...of('webhooks', 'create list get update delete rotateSecret'),
    ...of('campaigns', 'create list get pause resume cancel'),
    'chats.get',
    'groups.get',
  ],
  camel: [
    ...SHARED,
    ...of('scheduled_messages', 'create list retrieve update delete'),
    ...of('webhooks', 'create list retrieve update delete'),
    ...of('campaigns', 'create list retrieve pause resume cancel'),
    ...of('groups', 'list retrieve'),
    ...of('newsletters', 'create list retrieve'),
    ...of('chats', 'retrieve sendMessage'),
  ],
}
