import type { proto, WAMessageKey } from 'baileys'
import type { Outgoing } from '#core/transport'
import { isLidJid, userJid } from './addresses.ts'
import { composeMessage } from './compose.ts'
import type { ChannelRef } from './lines.ts'
import type { LiveSession } from './live-session.ts'
import { findRecipient } from './recipients.ts'

/** What we sent, as it goes to the wire, and what became of it. */
export type Sent = Outgoing & { sentAt: Date; isTakenBack: boolean }

/** What the database knows of messages on the wire. */
export type WebBook = {
  /** What we sent under this wire id, ready to be sent again. */
  sent(channel: ChannelRef, wireId: string): Promise<Sent | undefined>
}

const AGAIN_MS = 14 * 24 * 3_600_000

/** What somebody's phone could not open, to be sealed for it anew; undefined: it is none of theirs, or too long ago. An id alone proves nothing. */
export async function composeAgain(
  live: LiveSession,
  sent: Sent,
  { key, now }: { key: WAMessageKey; now: Date },
): Promise<proto.IMessage | undefined> {
  if (sent.isTakenBack || now.getTime() - sent.sentAt.getTime() > AGAIN_MS) return undefined
  const jid = await findRecipient(live, sent.to)
  if (jid === undefined || !(await isSame(live, key.remoteJid ?? '', jid))) return undefined
  const composed = await composeMessage(live, sent)
  return 'message' in composed ? composed.message : undefined
}

/** A person has two names: a number and a LID. */
async function isSame({ socket }: LiveSession, asking: string, jid: string): Promise<boolean> {
  const [who, whom] = [userJid(asking), userJid(jid)]
  if (who === undefined || whom === undefined) return asking === jid
  if (who === whom) return true
  const { lidMapping } = socket.signalRepository
  const other = isLidJid(who) ? await lidMapping.getPNForLID(who) : await lidMapping.getLIDForPN(who)
  return userJid(other) === whom
}
