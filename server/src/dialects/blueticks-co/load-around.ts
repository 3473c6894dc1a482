import { findChannels } from '#core/channels'
import { findContacts } from '#core/contacts'
import { findMediaFiles } from '#core/media'
import { findMessages, type Message } from '#core/messages'
import type { Db } from '#kit/db'
import { phonesOf } from './account.wire.ts'
import { type Around, mediaIdIn } from './around.ts'

/** One question for each kind of thing, whatever the number of messages. */
export async function loadAround(db: Db, workspaceId: string, messages: readonly Message[], publicUrl: string): Promise<Around> {
  const quoted = await find(
    messages,
    ({ replyTo }) => replyTo,
    (ids) => findMessages(db, workspaceId, ids),
  )
  const channels = await find(
    messages,
    ({ channelId }) => channelId,
    (ids) => findChannels(db, workspaceId, ids),
  )
  const files = await find([...messages], mediaIdIn, (ids) => findMediaFiles(db, workspaceId, ids))
  const people = await find(
    messages.filter(({ direction }) => direction === 'in'),
    ({ contactId }) => contactId,
    (ids) => findContacts(db, workspaceId, ids),
  )
  return {
    phones: phonesOf(channels),
    files: new Map(files.map((file) => [file.id, file])),
    names: new Map(people.flatMap(({ id, name, profileName }) => ((name ?? profileName) ? [[id, name ?? profileName ?? '']] : []))),
    quoted: new Map(quoted.map((message) => [message.id, message])),
    publicUrl,
  }
}

async function find<Row>(
  messages: readonly Message[],
  pick: (message: Message) => string | undefined,
  ask: (ids: string[]) => Promise<Row[]>,
): Promise<Row[]> {
  const ids = [...new Set(messages.flatMap((message) => pick(message) ?? []))]
  return ids.length > 0 ? ask(ids) : []
}
