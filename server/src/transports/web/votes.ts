import type { proto } from 'baileys'
import type { InboundContent } from '#core/content'
import { sha256 } from '#kit/crypto'
import { type Me, userJid } from './addresses.ts'
import type { Baileys } from './library.ts'
import { toWireId } from './wire-id.ts'

/** A poll as we hold it, with the secret that its votes are read with. */
export type KnownPoll = { options: readonly string[]; secret: Uint8Array }

type Parts = { baileys: Baileys; poll: (wireId: string) => Promise<KnownPoll | undefined>; me: Me; voters: readonly string[] }

/**
 * What a vote says: the names of the options chosen, none when it is taken back. Sealed for those who know the poll: of one that was not made
 * here nothing can be read, and it is no message to anybody (undefined).
 */
export async function readVote(
  { baileys, poll, me, voters }: Parts,
  update: proto.Message.IPollUpdateMessage,
): Promise<InboundContent | undefined> {
  const wireId = toWireId(update.pollCreationMessageKey?.id)
  if (wireId === undefined) return undefined
  const known = await poll(wireId)
  if (!known) return undefined
  for (const pollCreatorJid of [userJid(me.id), userJid(me.lid)]) {
    for (const voterJid of voters) {
      const chosen = pollCreatorJid && openVote(baileys, update, { pollMsgId: wireId, pollCreatorJid, voterJid, pollEncKey: known.secret })
      if (chosen) return { type: 'poll_vote', wireId, options: namesOf(known.options, chosen) }
    }
  }
  return undefined
}

/** It is sealed under the JIDs that the voter's phone used, phone numbers or LIDs: what does not fit does not open. */
function openVote(
  baileys: Baileys,
  { vote }: proto.Message.IPollUpdateMessage,
  key: Parameters<Baileys['decryptPollVote']>[1],
): readonly Uint8Array[] | undefined {
  if (!vote?.encPayload || !vote.encIv) return undefined
  try {
    return baileys.decryptPollVote(vote, key).selectedOptions ?? []
  } catch {
    return undefined
  }
}

function namesOf(options: readonly string[], chosen: readonly Uint8Array[]): string[] {
  const hashes = new Set(chosen.map((hash) => Buffer.from(hash).toString('hex')))
  return options.filter((option) => hashes.has(sha256(option).toString('hex')))
}
