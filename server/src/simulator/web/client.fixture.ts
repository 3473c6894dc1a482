import { EventEmitter, once } from 'node:events'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import {
  type AnyMessageContent,
  type AuthenticationCreds,
  type BaileysEventMap,
  Browsers,
  BufferJSON,
  initAuthCreds,
  type MiscMessageGenerationOptions,
  makeCacheableSignalKeyStore,
  makeWASocket,
  proto,
  type SignalDataSet,
  type SignalKeyStore,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from 'baileys'
import { expect } from 'vitest'
import type { WebSocket } from 'ws'
import { openLog } from '#kit/log'
import { createNetwork } from '../network.ts'
import type { NetworkOptions } from '../network.types.ts'
import { createWebServer } from './web-server.ts'
import type { WebServerOptions } from './web-server.types.ts'

// libsignal prints whole sessions, private keys included
console.info = () => {}
console.warn = () => {}

const logger = openLog('silent')

/** What a client keeps between two starts, as a table of strings would. */
export type Kept = Map<string, string>

const fresh = (): Kept => new Map([['creds', JSON.stringify(initAuthCreds(), BufferJSON.replacer)]])

function keysIn(kept: Kept): SignalKeyStore {
  return {
    async get(type, ids) {
      const found: Record<string, unknown> = {}
      for (const id of ids) {
        const text = kept.get(`${type}/${id}`)
        if (text === undefined) continue
        const value: unknown = JSON.parse(text, BufferJSON.reviver)
        found[id] = type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value as object) : value // as it was written below
      }
      return found as Awaited<ReturnType<SignalKeyStore['get']>> as never // what set wrote
    },
    async set(data: SignalDataSet) {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries ?? {})) {
          if (value === null || value === undefined) kept.delete(`${type}/${id}`)
          else kept.set(`${type}/${id}`, JSON.stringify(value, BufferJSON.replacer))
        }
      }
    },
  }
}

type Told = { [Name in keyof BaileysEventMap]: { name: Name; data: BaileysEventMap[Name] } }[keyof BaileysEventMap]
export type ClientOptions = { socketUrl: string; kept?: Kept; onQr?: (qr: string) => void; socket?: Partial<UserFacingSocketConfig> }

/** A real client; it connects again where WhatsApp asks for it (515) and nowhere else. */
export class Client {
  readonly kept: Kept
  readonly told: Told[] = []
  readonly acks: Record<string, string>[] = []
  readonly closes: (number | undefined)[] = []
  sock: WASocket
  private readonly options: ClientOptions
  private readonly bell = new EventEmitter().setMaxListeners(0)
  private readonly sent = new Map<string, proto.IMessage>()

  constructor(options: ClientOptions) {
    this.options = options
    this.kept = options.kept ?? fresh()
    this.sock = this.connect()
  }

  connect(): WASocket {
    const creds: AuthenticationCreds = JSON.parse(this.kept.get('creds') ?? '{}', BufferJSON.reviver)
    const sock = makeWASocket({
      auth: { creds, keys: makeCacheableSignalKeyStore(keysIn(this.kept), logger) },
      waWebSocketUrl: this.options.socketUrl,
      logger,
      markOnlineOnConnect: false,
      browser: Browsers.ubuntu('Chrome'),
      getMessage: async (key) => this.sent.get(key.id ?? ''),
      ...this.options.socket,
    })
    sock.ev.on('creds.update', () => void this.kept.set('creds', JSON.stringify(sock.authState.creds, BufferJSON.replacer)))
    sock.ev.process((events) => {
      for (const [name, data] of Object.entries(events)) this.hear({ name, data } as Told) // one entry of the map of events
    })
    sock.ws.on('CB:ack,class:message', (stanza: { attrs: Record<string, string> }) => {
      this.acks.push(stanza.attrs)
      this.bell.emit('told')
    })
    this.sock = sock
    return sock
  }

  private hear(event: Told): void {
    this.told.push(event)
    this.bell.emit('told')
    if (event.name !== 'connection.update') return
    if (event.data.qr !== undefined) this.options.onQr?.(event.data.qr)
    if (event.data.connection !== 'close') return
    const code = (event.data.lastDisconnect?.error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode // a Boom
    this.closes.push(code)
    this.bell.emit('told')
    if (code === 515) this.connect()
  }

  /** Looked at whenever something is told. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined && found !== false) return found
      await once(this.bell, 'told')
    }
  }
  all<Name extends keyof BaileysEventMap>(name: Name): BaileysEventMap[Name][] {
    return this.told.flatMap((one) => (one.name === name ? [one.data as BaileysEventMap[Name]] : [])) // the name says which
  }
  open = () => this.until(() => this.all('connection.update').some(({ connection }) => connection === 'open'))
  closed = (times = 1) => this.until(() => this.closes.length >= times && [...this.closes]).then((closes) => closes.at(-1))
  history = () => this.until(() => this.all('messaging-history.set')[0])
  ack = (id: string) => this.until(() => this.acks.find((ack) => ack.id === id))
  status = (id: string, least: number) =>
    this.until(
      () =>
        this.all('messages.update').some((list) => list.some(({ key, update }) => key.id === id && (update.status ?? 0) >= least)) ||
        this.all('messages.upsert').some(({ messages }) => messages.some(({ key, status }) => key.id === id && (status ?? 0) >= least)),
    )
  incoming = (id: string): Promise<{ type: string; message: WAMessage }> =>
    this.until(() => {
      for (const { messages, type } of this.all('messages.upsert')) {
        const message = messages.find(({ key }) => key.id === id)
        if (message) return { type, message }
      }
      return undefined
    })

  async send(jid: string, content: AnyMessageContent, options?: MiscMessageGenerationOptions): Promise<string> {
    const message = await this.sock.sendMessage(jid, content, options)
    const id = message?.key.id ?? ''
    if (message?.message) this.sent.set(id, message.message)
    return id
  }
  /** Its process stands still, as far as reading goes: what it writes leaves all the same. */
  freeze(isFrozen = true): void {
    if (isFrozen) this.socket.pause()
    else this.socket.resume()
  }
  /** Its process is gone. */
  kill(): void {
    this.socket.terminate()
  }
  private get socket(): Pick<WebSocket, 'pause' | 'resume' | 'terminate'> {
    return (this.sock.ws as unknown as { socket: WebSocket }).socket // protected
  }
  async end(): Promise<void> {
    await this.sock.end(undefined)
  }
}

let count = 0
/** A number that nobody else in this process has; `ending` makes it one of the magic ones. */
export const newNumber = (ending = '0100'): string => `+1555${String(100 + ++count).padStart(3, '0')}${ending}`
export const jidOf = (number: string): string => `${number.slice(1)}@s.whatsapp.net`

/** A server over a quick network, and clients that are ended with it. */
export async function openWeb(options: NetworkOptions = {}, more: Omit<WebServerOptions, 'network'> = {}) {
  const network = createNetwork({ delays: { sentMs: 0, deliveredMs: 20, readMs: 40, answerMs: 30, lateMs: 30 }, ...options })
  const server = createWebServer({ network, ...more })
  const { socketUrl, controlUrl, ca } = await server.listen()
  setDefaultCACertificates([...getCACertificates('default'), ca])
  const clients: Client[] = []
  const client = (more: Omit<ClientOptions, 'socketUrl'> = {}): Client => {
    const one = new Client({ socketUrl, ...more })
    clients.push(one)
    return one
  }
  return {
    network,
    server,
    controlUrl,
    client,
    /** A client that is linked to this number, and has what was said before. */
    async link(number: string, more: Omit<ClientOptions, 'socketUrl' | 'onQr'> = {}) {
      const one = client({ ...more, onQr: (qr) => void server.scan(number, qr) })
      await one.open()
      await one.history()
      return one
    },
    async close() {
      await Promise.all(clients.map((one) => one.end()))
      await server.close()
      network.close()
      expect(server.complaints()).toEqual([])
    },
  }
}
