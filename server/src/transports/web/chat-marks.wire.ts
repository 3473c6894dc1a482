import type { ChatUpdate } from 'baileys'
import type { ChatMarks, Incoming } from '#core/transport'
import { isGroupJid, toSender, userJid } from './addresses.ts'
import type { Phones } from './groups.wire.ts'

type Told = NonNullable<Incoming['chatMarks']>

/** What the owner did to chats on the phone, or on another device. */
export function toChatMarks(updates: readonly ChatUpdate[], phones: Phones): Told {
  return updates.flatMap(({ id, archived, pinned, unreadCount }) => {
    const marks: ChatMarks = {
      ...(typeof archived === 'boolean' && { archived }),
      ...(pinned !== undefined && { pinned: pinned !== null && pinned > 0 }),
      ...(unreadCount === MARKED && { markedUnread: true }),
      ...(unreadCount === 0 && { markedUnread: false }),
    }
    const place = Object.keys(marks).length > 0 && id ? placeOf(id, phones) : undefined
    return place ? [{ with: place, marks }] : []
  })
}

/** The library's count for a chat that a person marked; above 0 it counts messages. */
const MARKED = -1

function placeOf(jid: string, phones: Phones): Told[number]['with'] | undefined {
  if (isGroupJid(jid)) return { group: jid }
  const phone = phones.get(jid)
  return userJid(jid) === undefined ? undefined : { person: { ...toSender(jid), ...(phone !== undefined && { phone }) } }
}
