import { openLog } from '../../server/src/kit/log.ts'
import { quietSignal } from '../../server/src/kit/quiet-signal.ts'
import { type Baileys, loadBaileys, type Socket } from '../../server/src/transports/web/library.ts'
import { quietLogger } from '../../server/src/transports/web/quiet-library.ts'
import { answerCalls } from '../calls.ts'
import { recipient, TEXT } from '../peers/post.ts'

/** The library alone, its keys in memory: what no house can beat. */
const baileys = await loadBaileys()
quietSignal()
const kept = new Map<string, never>() // the library's own values: what it put there is what it gets
const keys: Parameters<Baileys['makeWASocket']>[0]['auth']['keys'] = {
  get: async (type, ids) =>
    Object.fromEntries(
      ids.flatMap((id) => {
        const value = kept.get(`${type} ${id}`)
        return value === undefined ? [] : [[id, value] as const]
      }),
    ),
  async set(data) {
    // one map for values of every type
    for (const [type, values] of Object.entries(data))
      for (const [id, value] of Object.entries(values ?? {}))
        value ? kept.set(`${type} ${id}`, value as never) : kept.delete(`${type} ${id}`)
  },
}
const creds = baileys.initAuthCreds()
let socket: Socket | undefined
let qr: string | undefined
let isOpen = false
let acks = 0
let received = 0

function connect(socketUrl: string): void {
  const made = baileys.makeWASocket({
    auth: { creds, keys },
    waWebSocketUrl: socketUrl,
    logger: quietLogger(openLog('silent'), ''),
    markOnlineOnConnect: false,
  })
  socket = made
  made.ws.on('CB:ack,class:message', () => acks++)
  made.ev.on('messages.upsert', ({ messages }) => {
    received += messages.length
  })
  made.ev.on('connection.update', ({ qr: shown, connection }) => {
    if (shown) qr = shown
    if (connection === 'open') isOpen = true
    if (connection === 'close' && !isOpen) connect(socketUrl) // just linked: the network wants a new connection
  })
}

const until = async (done: () => boolean) => {
  while (!done()) await new Promise((next) => setTimeout(next, 2))
}

answerCalls({
  async link(socketUrl: string) {
    connect(socketUrl)
    await until(() => qr !== undefined)
    return qr
  },
  opened: () => until(() => isOpen),
  /** One message to each; ends with the last acknowledgement. Answers the seconds. */
  async send(count: number) {
    const wanted = acks + count
    const begun = performance.now()
    for (let i = 0; i < count; i++) await socket?.sendMessage(`${recipient(i).slice(1)}@s.whatsapp.net`, { text: TEXT })
    await until(() => acks >= wanted)
    return (performance.now() - begun) / 1000
  },
  received: () => received,
})
