import { PNG } from '../../web.ts'
import { type Call, get, kept, patch, post, remove, rowsOf, type World } from './call.ts'

const inGroup = (world: World, ...more: string[]) => ['groups', kept(world, 'group'), ...more]
const inNewsletter = (world: World) => ['newsletters', kept(world, 'newsletter')]
const PICTURE = { fileDataUrl: `data:image/png;base64,${PNG.toString('base64')}`, fileName: 'a.png', fileMimeType: 'image/png' }

/** Groups, and the newsletters of those who know them. */
export const GROUP_CALLS: readonly Call[] = [
  {
    method: 'groups.create',
    ask: ({ number, chat, other }) => post(['groups'], { name: `Crew ${number}`, participants: [chat, other] }),
    wants: 'Group',
    says: ({ number }) => ({ name: `Crew ${number}`, participantCount: 3 }),
    keep: ({ id }) => ({ group: id }),
  },
  {
    method: { first: 'chats.get', camel: 'chats.retrieve' },
    ask: (world) => get(['chats', kept(world, 'group')]),
    wants: 'Chat',
    says: (world) => ({ id: kept(world, 'group'), isGroup: true, name: `Crew ${world.number}`, unreadCount: 0 }),
  },
  {
    method: { first: 'groups.get', camel: 'groups.retrieve' },
    ask: (world) => get(inGroup(world)),
    wants: 'Group',
    says: () => ({ participants: null }),
  },
  {
    method: 'groups.list',
    only: 'camel',
    ask: ({ number }) => get(['groups'], { q: `crew ${number}`, limit: 1 }),
    wants: { page: 'Group' },
    until: (page) => rowsOf(page).length === 1,
  },
  {
    method: 'groups.update',
    ask: (world) => patch(inGroup(world), { name: 'Team', settings: { announce: true, restrict: false } }),
    wants: 'Group',
    says: () => ({ name: 'Team', announce: true, restrict: false }),
  },
  {
    method: 'groups.addMember',
    ask: (world) => post(inGroup(world, 'members'), { chatId: `${world.many}099` }),
    wants: 'Group',
    says: () => ({ participantCount: 4 }),
  },
  {
    method: 'groups.removeMember',
    ask: (world) => remove(inGroup(world, 'members', `${world.many}099`)),
    wants: 'Group',
    says: () => ({ participantCount: 3 }),
  },
  { method: 'groups.promoteAdmin', ask: (world) => post(inGroup(world, 'members', world.chat, 'admin')), wants: 'Group' },
  {
    method: 'chats.listParticipants',
    ask: (world) => get(['chats', kept(world, 'group'), 'participants'], { limit: 2 }),
    wants: { page: 'Participant' },
  },
  { method: 'groups.demoteAdmin', ask: (world) => remove(inGroup(world, 'members', world.chat, 'admin')), wants: 'Group' },
  { method: 'groups.setPicture', ask: (world) => ({ verb: 'PUT', path: inGroup(world, 'picture'), body: PICTURE }), wants: 'Group' },
  { method: 'groups.leave', ask: (world) => remove(inGroup(world, 'members', 'me')), wants: 'nothing' },
  { method: 'groups.leave', ask: (world) => remove(inGroup(world, 'members', 'me')), wants: 'nothing' },
  {
    method: 'newsletters.create',
    only: 'camel',
    ask: () => post(['newsletters'], { name: 'Shop news', description: 'Mondays' }),
    wants: 'Newsletter',
    keep: ({ id }) => ({ newsletter: id }),
  },
  { method: 'newsletters.retrieve', only: 'camel', ask: (world) => get(inNewsletter(world)), wants: 'Newsletter' },
  { method: 'newsletters.list', only: 'camel', ask: () => get(['newsletters'], { limit: 1 }), wants: { page: 'NewsletterRow' } },
]
