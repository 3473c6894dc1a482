import type { proto } from 'baileys'
import type { Content } from '#core/content'
import { firstUrl } from '#core/links'
import type { Outgoing } from '#core/transport'
import { isGroupJid, isNewsletterJid, toJid } from './addresses.ts'
import { readMentions } from './mentions.ts'
import { toQuoted } from './quoted.wire.ts'
import { toVcard } from './vcard.wire.ts'

/** Where a message goes, and as whom. */
export type Setting = { jid: string; meJid: string; now: number }
export type Refused = { refused: { code: string; reason: string } }
type Part = { message: proto.IMessage; mentions?: string[] }

const UNSUPPORTED: Refused = { refused: { code: 'unsupported', reason: 'A linked number cannot send this kind of message' } }
const NO_TARGET: Refused = { refused: { code: 'unsupported', reason: 'The message reacted to never reached the network' } }

/** What has no file, in the network's words. */
export function toMessage(outgoing: Outgoing, setting: Setting): Part | Refused {
  const { content } = outgoing
  switch (content.type) {
    case 'text': {
      const { text, jids } = readMentions(content.text)
      return { message: { extendedTextMessage: { text, ...linkOf(outgoing) } }, mentions: jids }
    }
    case 'location': {
      const { latitude, longitude, name, address } = content
      return {
        message: {
          locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, name: name ?? null, address: address ?? null },
        },
      }
    }
    case 'contacts':
      return { message: toContacts(content.contacts) }
    case 'poll':
      return { message: toPoll(content) }
    case 'reaction':
      return outgoing.targetWireId === undefined ? NO_TARGET : { message: toReaction(content.emoji, outgoing, setting) }
    default:
      return UNSUPPORTED
  }
}

/** The page behind a link as far as the core knows it: nothing is fetched here. */
function linkOf({ content, linkPreview }: Outgoing): Partial<proto.Message.IExtendedTextMessage> {
  const url = content.type === 'text' && content.previewUrl !== false ? firstUrl(content.text) : undefined
  const { title, description } = linkPreview ?? {}
  return url !== undefined && title ? { matchedText: url, title, ...(description && { description }) } : {}
}

function toContacts(contacts: Extract<Content, { type: 'contacts' }>['contacts']): proto.IMessage {
  const cards = contacts.map((card) => ({ displayName: card.name.formatted, vcard: toVcard(card) }))
  const [only] = cards
  if (cards.length === 1 && only) return { contactMessage: only }
  return { contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards } }
}

/** A poll with one answer has a form of its own; 0 means as many as there are. */
function toPoll({ question, options, allowMultiple }: Extract<Content, { type: 'poll' }>): proto.IMessage {
  const poll = { name: question, selectableOptionsCount: allowMultiple ? 0 : 1, options: options.map((optionName) => ({ optionName })) }
  return allowMultiple ? { pollCreationMessage: poll } : { pollCreationMessageV3: poll }
}

const toReaction = (emoji: string, outgoing: Outgoing, setting: Setting): proto.IMessage => ({
  reactionMessage: {
    key: toKey(
      { wireId: outgoing.targetWireId ?? '', fromMe: outgoing.target?.fromMe ?? false, author: outgoing.target?.author },
      setting.jid,
    ),
    text: emoji,
    senderTimestampMs: setting.now,
  },
})

/** A message that is there, as the network names it. */
export function toKey(target: { wireId: string; fromMe: boolean; author: string | undefined }, jid: string): proto.IMessageKey {
  const participant = target.fromMe || !isGroupJid(jid) || target.author === undefined ? undefined : toJid(target.author)
  return { remoteJid: jid, id: target.wireId, fromMe: target.fromMe, ...(participant && { participant }) }
}

/** What belongs to a message beside its words: the one it answers, and whom it mentions. */
export function toContext(outgoing: Outgoing, mentions: readonly string[], { jid, meJid }: Setting): proto.IContextInfo | undefined {
  const { targetWireId, target, content } = outgoing
  const isReply = targetWireId !== undefined && content.type !== 'reaction' && !isNewsletterJid(jid)
  const author = target?.fromMe ? meJid : (target?.author && toJid(target.author)) || (isGroupJid(jid) ? undefined : jid)
  const context: proto.IContextInfo = {
    ...(isReply && { stanzaId: targetWireId, quotedMessage: toQuoted(target?.content), ...(author && { participant: author }) }),
    ...(mentions.length > 0 && { mentionedJid: [...mentions] }),
  }
  return Object.keys(context).length > 0 ? context : undefined
}

/** The same message with its context: every kind keeps it in its own part. */
export function withContext(message: proto.IMessage, contextInfo: proto.IContextInfo | undefined): proto.IMessage {
  if (!contextInfo) return message
  return Object.fromEntries(
    Object.entries(message).map(([kind, part]) => [kind, typeof part === 'object' && part !== null ? { ...part, contextInfo } : part]),
  )
}
