import type { Outgoing, ReadMessages, Transport, TransportChannel } from '#core/transport'
import { DomainError } from '#kit/errors'
import { isGroupJid, isLidJid, toJid, userJid } from './addresses.ts'
import { deed, editMessage, revokeMessage } from './amend-message.ts'
import type { SessionOf } from './asked.ts'
import { toKey } from './content.wire.ts'
import type { LiveSession } from './live-session.ts'
import { mediaHostOf } from './media-fetcher.ts'
import { findRecipient } from './recipients.ts'
import { writeSurely } from './write-message.ts'

/** What the library marks a pin with. */
const PINNED = '2'
const PICTURE_MS = 10_000
const TYPING_MOST = 10_000

/** What we sent under a wire id, with its file. */
export type SentBefore = (channel: Pick<TransportChannel, 'id' | 'workspaceId'>, wireId: string) => Promise<Outgoing | undefined>

export type PeopleRoad = Required<Pick<Transport, 'lookUp' | 'showTyping' | 'markRead' | 'markChat' | 'pin' | 'edit' | 'revoke'>> & {
  /** Where the network keeps files now. */
  mediaHost(channel: TransportChannel): Promise<string>
}

/** What a linked number does with people beside writing to them. Throws when it is not connected, or the network does not answer. */
export function openPeopleRoad(sessionOf: SessionOf, sentBefore: SentBefore): PeopleRoad & { close(): void } {
  const typing = new Map<string, NodeJS.Timeout>()
  const sessionAt = (channel: TransportChannel): LiveSession => {
    const session = sessionOf(channel)
    if (!session) throw new DomainError('unavailable', 'The number is not connected right now')
    return session
  }
  return {
    async lookUp(channel, phone) {
      const session = sessionAt(channel)
      const jid = await findRecipient(session, phone)
      const pictureUrl =
        jid === undefined ? undefined : await session.socket.profilePictureUrl(jid, 'image', PICTURE_MS).catch(() => undefined)
      return { onWhatsApp: jid !== undefined, pictureUrl }
    },
    async showTyping(channel, to, forMs) {
      const { socket } = sessionAt(channel)
      const jid = jidOf(to)
      const key = `${channel.id} ${jid}`
      clearTimeout(typing.get(key))
      typing.delete(key)
      await socket.sendPresenceUpdate(forMs > 0 ? 'composing' : 'paused', jid)
      if (forMs <= 0 || typing.size >= TYPING_MOST) return
      const pause = () => {
        typing.delete(key)
        void sessionOf(channel)
          ?.socket.sendPresenceUpdate('paused', jid)
          .catch(() => undefined)
      }
      typing.set(key, setTimeout(pause, forMs).unref())
    },
    async markRead(channel, read) {
      await sessionAt(channel).socket.readMessages(toReadKeys(read))
    },
    async markChat(channel, { chat, marks: { archived, pinned, markedUnread }, last }) {
      const { socket } = sessionAt(channel)
      const jid = chatOf(jidOf(chat), last?.author)
      const lastMessages = last ? [{ key: toKey(last, jid), messageTimestamp: Math.floor(last.at.getTime() / 1000) }] : []
      if (archived !== undefined) await socket.chatModify({ archive: archived, lastMessages }, jid)
      if (pinned !== undefined) await socket.chatModify({ pin: pinned }, jid)
      if (markedUnread !== undefined) await socket.chatModify({ markRead: !markedUnread, lastMessages }, jid)
    },
    async pin(channel, { to, wireId, fromMe, author, seconds }) {
      const session = sessionAt(channel)
      const { baileys, socket } = session
      const jid = jidOf(to)
      const { Type } = baileys.proto.Message.PinInChatMessage
      const message = {
        pinInChatMessage: {
          key: toKey({ wireId, fromMe, author }, jid),
          type: seconds === undefined ? Type.UNPIN_FOR_ALL : Type.PIN_FOR_ALL,
          senderTimestampMs: Date.now(),
        },
        messageContextInfo: { messageAddOnDurationInSecs: seconds ?? 0 },
      }
      const pin = deed({ jid, message, wireId: baileys.generateMessageIDV2(userJid(socket.user?.id)), edit: PINNED })
      await writeSurely(session, pin)
    },
    async edit(channel, edit) {
      const session = sessionAt(channel)
      await editMessage(session, edit, edit.content.type === 'text' ? undefined : await sentBefore(channel, edit.wireId))
    },
    revoke: async (channel, revocation) => revokeMessage(sessionAt(channel), revocation),
    mediaHost: async (channel) => mediaHostOf(sessionAt(channel)),
    close() {
      for (const timer of typing.values()) clearTimeout(timer)
      typing.clear()
    },
  }
}

function jidOf(address: string): string {
  const jid = toJid(address)
  if (jid === undefined) throw new DomainError('invalid', 'WhatsApp has no such address')
  return jid
}

/** A chat with one person is the one under which he wrote, which may be his LID. */
function chatOf(jid: string, author: string | undefined): string {
  const who = author === undefined || isGroupJid(jid) ? undefined : toJid(author)
  return who && isLidJid(who) ? who : jid
}

function toReadKeys({ chat, messages }: ReadMessages) {
  const remoteJid = jidOf(chat)
  return messages.map(({ wireId, author }) => {
    const who = author === undefined ? undefined : toJid(author)
    if (isGroupJid(remoteJid)) return { remoteJid, id: wireId, fromMe: false, ...(who && { participant: who }) }
    return { remoteJid: chatOf(remoteJid, author), id: wireId, fromMe: false }
  })
}
