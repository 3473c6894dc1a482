import type { InboundMessage } from '#core/transport'
import type { Db } from '#kit/db'
import { type Heard, uniqueByWireId } from './heard.ts'
import { addressOf } from './place-heard.ts'
import { findEchoes, giveWireIds, takeWireIds } from './receive-messages.store.ts'

type Channel = { workspaceId: string; id: string }

/** Those that were not there, each once; what we sent ourselves is told apart by its wire id. */
export async function takeFresh(db: Db, channel: Channel, heard: readonly Heard[]): Promise<{ fresh: Heard[]; echoes: InboundMessage[] }> {
  const unique = uniqueByWireId(heard)
  if (unique.length === 0) return { fresh: [], echoes: [] }
  const taken = await takeWireIds(
    db,
    channel,
    unique.map(({ message, id }) => ({ wireId: message.wireId, messageId: id })),
  )
  const fresh = unique.filter(({ id }) => taken.has(id))
  const own = fresh.filter(({ message }) => message.own).map(({ message }) => message)
  const known = await findEchoes(
    db,
    channel,
    own.map((message) => ({ wireId: message.wireId, address: addressOf(message) })),
  )
  if (known.size === 0) return { fresh, echoes: [] }
  await giveWireIds(db, channel, known)
  const isEcho = ({ wireId }: InboundMessage) => known.has(wireId)
  return { fresh: fresh.filter(({ message }) => !isEcho(message)), echoes: own.filter(isEcho) }
}
