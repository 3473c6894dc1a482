import { type Answerer, ok } from './answers.ts'
import type { Connection } from './connection.ts'
import { unlinkDevice } from './device-list.ts'
import type { Device } from './devices.ts'
import { sendHistory } from './history.ts'
import { child, type Node, node, SERVER_JID } from './nodes.wire.ts'
import type { WebState } from './web-state.ts'

/** What a client asks at login and to keep its session. */
export const answerSession: Readonly<Record<string, Answerer>> = {
  passive(state, device, question) {
    const { connection } = device
    return child(question, 'active') && connection ? { after: () => wake(state, device, connection) } : ok()
  },
  'w:stats': () => ok(),
  'urn:xmpp:whatsapp:dirty': () => ok(),
  abt: () => ok(node('props', { hash: 'sim', refresh: 86_400 })),
  'w:m': (state) => ok(mediaHostOf(state)),
  md(_state, device, question) {
    if (!child(question, 'remove-companion-device')) return undefined
    return { after: () => unlinkDevice(device) }
  },
}

/** The client listens now: what it has missed comes first, then the word that this was all. */
async function wake(state: WebState, device: Device, connection: Connection): Promise<void> {
  if (device.connection !== connection) return
  const missed = [...device.waiting.values()]
  device.isActive = true
  for (const stanza of missed) connection.send({ ...stanza, attrs: { ...stanza.attrs, offline: '0' } })
  for (const stanza of device.untold.splice(0)) connection.send(stanza)
  connection.send(node('ib', { from: SERVER_JID }, [node('offline', { count: missed.length })]))
  if (device.hasHistory) return
  device.hasHistory = true
  await sendHistory(state, device)
}

const mediaHostOf = ({ media }: WebState): Node =>
  node('media_conn', { auth: 'sim', ttl: 3600 }, media.host ? [node('host', { hostname: media.host, maxContentLengthBytes: 2 ** 27 })] : [])
