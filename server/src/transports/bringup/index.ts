import type { InboundContent } from '#core/content'
import type { Inbox, Transport, Capabilities, Incoming } from '#core/transport'

const caps: Capabilities = {
  content: ['text', 'image', 'video', 'audio', 'voice', 'document', 'sticker', 'location', 'contacts', 'poll', 'reaction'],
  templates: false, groups: false, window: false, pair: undefined, choosesWireId: true, markRead: true, captionMost: 1024,
  nativeMedia: { image: [], video: [], audio: [], voice: [], sticker: [] },
}
type Net = any
export function createBringup(network: Net): Transport {
  let inbox: Inbox | undefined
  const ids = new Map<string, string>()
  network.on('receipt', (r: any) => {
    const id = ids.get(r.business)
    if (!id) return
    const incoming: Incoming = { messages: [], notices: [], receipts: [{ wireId: r.wireId, state: r.state, at: new Date(r.at), ...(r.callbackData && { callbackData: r.callbackData }), ...(r.failure && { failure: { code: String(r.failure.code), reason: r.failure.details } }) }] }
    void inbox?.take(id, incoming).catch((e) => console.error(e))
  })
  network.on('message', (m: any) => {
    const id = ids.get(m.business)
    if (!id) return
    void inbox?.take(id, { receipts: [], notices: [], messages: [{ wireId: m.wireId, from: { phone: m.phone.number }, at: new Date(m.at), content: m.content as InboundContent }] }).catch((e) => console.error(e))
  })
  return {
    kind: 'sandbox',
    capabilities: () => caps,
    async send(channel, message) {
      ids.set(channel.number, channel.id)
      const v = network.deliver(channel.number, message.to, { content: message.content, wireId: message.wireId, callbackData: message.callbackData })
      if (v.kind === 'accepted') return { kind: 'accepted', wireId: v.wireId }
      if (v.kind === 'refused') return { kind: 'rejected', code: String(v.refusal.code), reason: v.refusal.details }
      return { kind: 'unknown', reason: 'cut' }
    },
    async test() { return { ok: true, facts: {} } },
    async open(into) { inbox = into },
  }
}
