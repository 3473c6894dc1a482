import { proto } from 'baileys'
import { type Acknowledge, errorOf } from './acknowledge.ts'
import type { Device } from './devices.ts'
import { bytesOf, child, type Node } from './nodes.wire.ts'
import { show } from './show.ts'
import type { WebState } from './web-state.ts'

/** A device posts to a newsletter, or reacts there. Posts are not sealed: everybody may read them. */
export async function takePost(
  state: WebState,
  device: Device,
  { stanza, acknowledge }: { stanza: Node; acknowledge: Acknowledge },
): Promise<void> {
  const { to = '', id = '', server_id: place } = stanza.attrs
  const reaction = child(stanza, 'reaction')
  if (reaction) {
    const wireId = state.posts.get(to)?.[Number(place) - 1]
    if (wireId === undefined) return acknowledge({ error: 404 })
    const content = { type: 'reaction' as const, wireId, emoji: reaction.attrs.code ?? '' }
    const verdict = state.network.deliver(device.account.person.number, to, { content, wireId: id })
    return acknowledge({ error: errorOf(verdict) })
  }
  const message = proto.Message.decode(bytesOf(child(stanza, 'plaintext')))
  const verdict = await show(state, device, { stanza, to, message })
  const error = verdict && errorOf(verdict)
  acknowledge(error === undefined ? { serverId: count(state, to, id) } : { error })
}

/** Posts are counted from 1; one that comes again keeps its number. */
function count({ posts }: WebState, newsletter: string, wireId: string): number {
  const list = posts.get(newsletter) ?? []
  if (!list.includes(wireId)) list.push(wireId)
  posts.set(newsletter, list)
  return list.indexOf(wireId) + 1
}
