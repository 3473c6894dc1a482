import type { Network } from '../../../server/src/simulator/index.ts'
import type { Phones } from './place.ts'

type Deed = Readonly<Record<string, unknown>>

/** Phones of a network in this process: they do what the simulator's API would let them do. */
export function holdPhones(network: Network, number: string): Phones {
  const write = (phone: string, { text, file, replyTo }: Deed, group?: string) =>
    network.reply(phone, number, {
      content: file ? fileOf(network, file as FileSaid) : { type: 'text', text: String(text) }, // the tests' own words
      contextWireId: replyTo === undefined ? undefined : String(replyTo),
      group,
    })
  return {
    async act(phone, deed, body) {
      const wireId = String(body.wireId)
      switch (deed) {
        case 'messages':
          return write(phone, body)
        case 'edits':
          return network.edit(phone, number, { wireId, text: String(body.text) })
        case 'revocations':
          return network.revoke(phone, number, { wireId })
        case 'pins':
          return network.pin(phone, number, { wireId, pinned: body.pinned !== false, seconds: body.seconds as number | undefined })
        case 'reactions':
          return network.react(phone, number, { wireId, emoji: String(body.emoji) })
        case 'votes':
          return network.vote(phone, number, { wireId, options: body.options as string[] })
        case 'read':
          network.read(phone, number)
          return ''
      }
    },
    async actInGroup(phone, address, { act, phones, ...more }) {
      const group = network.groups.find(number, address)
      if (!group) throw new Error(`there is no group ${address}`)
      if (act === 'write') return write(phone, more, address)
      const does = { act, ...more, ...(Array.isArray(phones) && { people: phones }) } as Parameters<Network['actInGroup']>[2]
      const verdict = network.actInGroup(phone, group, does)
      if (verdict.kind === 'refused') throw new Error(verdict.reason)
      return ''
    },
    bubbles: async (phone) =>
      [...(network.chat(number, phone)?.bubbles.values() ?? [])].map(({ wireId, reactions, pinnedUntil }) => ({
        wireId,
        reactions: { ...reactions } as Record<string, string>, // its two keys, where they are set
        pinnedUntil: pinnedUntil > Date.now() ? new Date(pinnedUntil).toISOString() : null,
      })),
  }
}

type FileSaid = { base64: string; mimeType: string; filename?: string; caption?: string }

function fileOf(network: Network, { base64, mimeType, filename, caption }: FileSaid): Parameters<Network['reply']>[2]['content'] {
  const { id, sha256, bytes } = network.files.put({ bytes: Buffer.from(base64, 'base64'), mimeType, filename, owner: 'a phone' })
  const remoteMedia = { id, mimeType, sha256, size: bytes.length }
  const type = mimeType.startsWith('image/') ? 'image' : 'document'
  return { type, remoteMedia, ...(filename !== undefined && { filename }), ...(caption !== undefined && { caption }) }
}
