import type { Sender } from '#core/transport'

/** A user of the network; the parts for a device, and for whoever hosts it, are no part of who somebody is. */
const USER = /^(\d{1,20})(?:[_.]\d{1,5})?(?::\d{1,5})?@(s\.whatsapp\.net|c\.us|hosted|lid|hosted\.lid)$/
const GROUP = /^\d{1,24}(?:-\d{1,24})?@g\.us$/
const NEWSLETTER = /^\d{1,24}@newsletter$/
const E164 = /^\+(\d{6,15})$/

/** Our own identities as the session knows them: JIDs, with or without a device. */
export type Me = { id: string; lid?: string | undefined }

export const isGroupJid = (jid: string): boolean => GROUP.test(jid)
export const isNewsletterJid = (jid: string): boolean => NEWSLETTER.test(jid)
export const isLidJid = (jid: string): boolean => jid.endsWith('@lid') && USER.test(jid)

/** An address of ours (E.164, LID, group, newsletter) as the network writes it; undefined: the network has no such addresses. */
export function toJid(address: string): string | undefined {
  const digits = E164.exec(address)?.[1]
  if (digits !== undefined) return `${digits}@s.whatsapp.net`
  return isGroupJid(address) || isNewsletterJid(address) ? address : userJid(address)
}

/** A user's JID without its device: `…@s.whatsapp.net` or `…@lid`; undefined: it is no user's. */
export function userJid(jid: string | null | undefined): string | undefined {
  const [, user, server] = USER.exec(jid ?? '') ?? []
  if (user === undefined) return undefined
  return `${user}@${server === 'lid' || server === 'hosted.lid' ? 'lid' : 's.whatsapp.net'}`
}

/** Whatever these JIDs, all of one person, say of who it is. */
export function toSender(...jids: readonly (string | null | undefined)[]): Sender {
  const sender: Sender = {}
  for (const jid of jids) {
    const plain = userJid(jid)
    if (plain === undefined) continue
    if (isLidJid(plain)) sender.lid ??= plain
    else if (sender.waId === undefined) {
      sender.waId = plain.replace(/@.*/, '')
      sender.phone = `+${sender.waId}`
    }
  }
  return sender
}

/** The person at a JID as our tables write one: E.164, else a LID. */
export function toAddress(...jids: readonly (string | null | undefined)[]): string | undefined {
  const { phone, lid } = toSender(...jids)
  return phone ?? lid
}

export function isMe(jid: string | null | undefined, { id, lid }: Me): boolean {
  const plain = userJid(jid)
  return plain !== undefined && (plain === userJid(id) || plain === userJid(lid))
}
