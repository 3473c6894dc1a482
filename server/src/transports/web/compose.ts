import type { BinaryNode, proto } from 'baileys'
import { MEDIA_TYPES } from '#core/content'
import type { Outcome, Outgoing } from '#core/transport'
import { isNewsletterJid, userJid } from './addresses.ts'
import { type Refused, toContext, toMessage, withContext } from './content.wire.ts'
import type { LiveSession } from './live-session.ts'
import { findRecipient } from './recipients.ts'
import { uploadMedia } from './upload.ts'

/** A message as the network takes it: what remains is to write it. */
export type Composed = {
  jid: string
  message: proto.IMessage
  relay: { messageId: string; additionalAttributes?: Record<string, string>; additionalNodes?: BinaryNode[] }
}

/** Everything slow about a message: whether its recipient is there, its file, its words. Nothing is sent; never throws. */
export async function composeMessage(session: LiveSession, outgoing: Outgoing): Promise<Composed | { outcome: Outcome }> {
  try {
    const jid = await findRecipient(session, outgoing.to)
    if (jid === undefined) return { outcome: NOT_ON_WHATSAPP }
    const setting = { jid, meJid: meOf(session), now: Date.now() }
    const part = await partOf(session, outgoing, setting)
    if ('refused' in part) return { outcome: { kind: 'rejected', ...part.refused } }
    const message = withContext(part.message, toContext(outgoing, part.mentions ?? [], setting))
    return {
      jid,
      ...withSecret(session, { message, jid, messageId: outgoing.wireId ?? session.baileys.generateMessageIDV2(setting.meJid) }),
    }
  } catch (error) {
    return { outcome: notComposed(error) }
  }
}

const NOT_ON_WHATSAPP: Outcome = {
  kind: 'rejected',
  code: 'not_on_whatsapp',
  reason: 'Nobody with this number is on WhatsApp',
  advice: 'Check the number and its country code.',
}

/** Nothing was sent: it may be tried again. */
const notComposed = (error: unknown): Outcome => ({
  kind: 'retry',
  code: 'not_prepared',
  reason: `WhatsApp did not take part in preparing it: ${error instanceof Error ? error.message.slice(0, 200) : 'no answer'}`,
  slow: 'none',
  afterMs: 5_000,
})

const meOf = ({ socket }: LiveSession): string => userJid(socket.user?.id) ?? ''

async function partOf(
  session: LiveSession,
  outgoing: Outgoing,
  setting: Parameters<typeof toMessage>[1],
): Promise<{ message: proto.IMessage; mentions?: string[] } | Refused> {
  const { content, media } = outgoing
  for (const type of MEDIA_TYPES) if (content.type === type && media) return uploadMedia(session, setting.jid, { content, media })
  return toMessage(outgoing, setting)
}

/** Every message has a secret of its own, which votes and reports are proved with. It must not change when the message is sent again. */
function withSecret(
  session: LiveSession,
  { message, jid, messageId }: { message: proto.IMessage; jid: string; messageId: string },
): Omit<Composed, 'jid'> {
  const isPoll = 'pollCreationMessage' in message || 'pollCreationMessageV3' in message
  const hasSecret = !('reactionMessage' in message) && (isPoll || !isNewsletterJid(jid))
  return {
    message: hasSecret ? { ...message, messageContextInfo: { messageSecret: session.secretOf(messageId) } } : message,
    relay: { messageId, ...(isPoll && { additionalNodes: [{ tag: 'meta', attrs: { polltype: 'creation' } }] }) },
  }
}
