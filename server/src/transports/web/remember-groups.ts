import type { BinaryNode, GroupMetadata } from 'baileys'
import { createCache } from '#kit/cache'
import type { Socket } from './library.ts'

const GROUPS_MOST = 200
const GROUPS_MS = 10 * 60_000

/** Who is in a group, so that not every message to it asks anew; forgotten when something happens in it. */
export function rememberGroups(socket: Socket): { get(jid: string): Promise<GroupMetadata> } {
  const known = createCache<GroupMetadata>({ most: GROUPS_MOST, ageMs: GROUPS_MS })
  socket.ws.on('CB:notification', ({ attrs }: BinaryNode) => known.delete(attrs.from ?? ''))
  return {
    async get(jid) {
      const group = known.get(jid) ?? (await socket.groupMetadata(jid))
      known.set(jid, group)
      return group
    },
  }
}
