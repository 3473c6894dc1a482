import type { AuthenticationState, SignalDataSet, SignalDataTypeMap } from 'baileys'
import { openLog } from '../../server/src/kit/log.ts'
import { loadBaileys, type Socket } from '../../server/src/transports/web/library.ts'
import { quietLogger, quietSignal } from '../../server/src/transports/web/quiet-library.ts'
import { answerCalls } from '../calls.ts'
import { recipient, TEXT } from '../peers/post.ts'

/** The library alone, its keys in memory: what no house can beat. */
const baileys = await loadBaileys()
quietSignal()
const kept = new Map<string, unknown>()
const keys: AuthenticationState['keys'] = {
  async get<Type extends keyof SignalDataTypeMap>(type: Type, ids: string[]) {
    const found: { [id: string]: SignalDataTypeMap[Type] } = {}
    for (const id of ids) {
      const value = kept.get(`${type} ${id}`)
      if (value !== undefined) found[id] = value as SignalDataTypeMap[Type] // put there under its own type
    }
    return found
  },
  async set(data: SignalDataSet) {
    for (const [type, values] of Object.entries(data))
      for (const [id, value] of Object.entries(values ?? {})) value ? kept.set(`${type} ${id}`, value) : kept.delete(`${type} ${id}`)
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
