import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { proto } from 'baileys'
import { WebSocketServer } from 'ws'
import type { InboundContent } from '#core/content'
import type { Network } from '../network.types.ts'
import { normalNumber } from '../phones.ts'
import { makeCertificate } from './certificate.ts'
import { openConnection } from './connection.ts'
import { createWebControl } from './control.ts'
import { openFaultBook } from './fault-book.ts'
import { createFaults, type WebFaults } from './faults.ts'
import { followNetwork } from './follow-network.ts'
import { handleControl } from './handle-control.ts'
import { takeLogin } from './login.ts'
import { openMediaHost, type Tls } from './media-host.ts'
import { createMediaStore } from './media-store.ts'
import type { Node } from './nodes.wire.ts'
import { makeNoiseIdentity } from './noise-certificates.ts'
import { writeFromOwnPhone } from './own-phone.ts'
import { scan } from './pairing.ts'
import { enterCode } from './pairing-code.ts'
import { openPeople } from './people.ts'
import { changePicture } from './pictures.ts'
import { takeStanza } from './take-stanza.ts'
import { unlinkAll } from './unlink.ts'
import { accountOf, devicesOf, note, type Session, type WebState } from './web-state.ts'

export type WebServerOptions = {
  network: Network
  /** For the media host, which clients only speak https to. 'make' makes a certificate that they must trust. */
  tls?: Tls | 'make'
  /** Opens /_control on the socket's port, without a key: for loopback only. */
  control?: boolean
  /** Phones that are there before anybody links a device to them. */
  numbers?: readonly string[]
}
export type LinkedDevice = {
  id: number
  isConnected: boolean
  /** How many it has left with the server. */
  oneTimeKeys: number
}

/** WhatsApp's own server as far as linked devices go, over a simulated network. Numbers are E.164. */
export interface WebServer {
  /** Port 0 takes a free one. `ca`: the certificate of the media host (PEM), which clients must trust. */
  listen(port?: number): Promise<{ socketUrl: string; controlUrl: string; mediaHost: string; ca: string }>
  /** The phone of `number` scans the QR text of a companion; throws when it is expired or was never shown. */
  scan(number: string, qr: string): Promise<void>
  /** The phone of `number` types the letters that a companion shows. */
  enterCode(number: string, code: string): Promise<void>
  devices(number: string): LinkedDevice[]
  /** The person removes every device: 401. */
  unlink(number: string): void
  /** The owner writes on the phone itself; answers the wire id. */
  ownMessage(number: string, to: string, content: InboundContent): Promise<string>
  /** The other JID of a number. */
  lid(number: string): string
  /** What the devices of a number have set, by its index, such as '["archive","…@s.whatsapp.net"]'. */
  settings(number: string): Record<string, proto.ISyncActionValue>
  /** Without bytes it has none. */
  setPicture(number: string, bytes: Buffer | undefined): void
  readonly faults: WebFaults
  /** What a client sent under this wire id, opened. */
  message(wireId: string): proto.IMessage | undefined
  /** Questions that nobody here could answer. */
  unknown(): readonly Node[]
  /** What went wrong inside. */
  failures(): readonly Error[]
  close(): Promise<void>
}

export function createWebServer({ network, tls = 'make', control: isSteered = false, numbers = [] }: WebServerOptions): WebServer {
  const state = openState(network)
  for (const number of numbers) accountOf(state, normalNumber(number))
  const api = { ...verbsOf(state), faults: createFaults(state) }
  const control = isSteered ? createWebControl(network, api, () => [...state.accounts.keys()]) : undefined
  const http = createHttpServer((request, response) => handleControl(control, request, response))
  const sockets = new WebSocketServer({ server: http, path: '/ws/chat', perMessageDeflate: false })
  sockets.on('connection', (socket) => admit(state, socket))
  const stopFollowing = followNetwork(state)
  const mediaHost = openMediaHost(state.media, () => (tls === 'make' ? makeCertificate(Date.now()) : tls))
  return {
    ...api,
    async listen(port = 0) {
      const { ca } = await mediaHost.listen()
      await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, '127.0.0.1', resolve))
      const { port: taken } = http.address() as AddressInfo // a listening TCP server has no other kind of address
      const host = `127.0.0.1:${taken}`
      return { socketUrl: `ws://${host}/ws/chat`, controlUrl: `http://${host}`, mediaHost: state.media.host, ca }
    },
    async close() {
      stopFollowing()
      control?.close()
      for (const client of sockets.clients) client.terminate()
      http.closeAllConnections()
      await Promise.all([mediaHost.close(), new Promise((resolve) => http.close(resolve))])
    },
  }
}

const openState = (network: Network): WebState => ({
  network,
  people: openPeople(network),
  identity: makeNoiseIdentity(network.time.now()),
  media: createMediaStore(),
  faults: openFaultBook(),
  accounts: new Map(),
  sessions: new Set(),
  pictures: new Map(),
  groupKeys: new Map(),
  invites: new Map(),
  posts: new Map(),
  messages: new Map(),
  written: new Map(),
  unknown: [],
  failures: [],
})

type Socket = Parameters<typeof openConnection>[0]

function admit(state: WebState, socket: Socket): void {
  let session: Session | undefined
  openConnection(socket, state.identity, {
    async login(connection, payload) {
      session = { connection, device: undefined, candidate: undefined }
      state.sessions.add(session)
      takeLogin(state, session, payload)
    },
    async stanza(stanza) {
      if (session) await takeStanza(state, session, stanza)
    },
    failed: (error) => note(state.failures, error),
  })
  socket.on('close', () => {
    if (!session) return
    state.sessions.delete(session)
    session.candidate?.signing?.done(new Error('The companion has hung up'))
    session.candidate?.code?.typed?.done(new Error('The companion has hung up'))
    const { device } = session
    if (device?.connection !== session.connection) return
    device.connection = undefined
    device.isActive = false
  })
}

const verbsOf = (state: WebState): Omit<WebServer, 'listen' | 'close' | 'faults'> => ({
  scan: (number, qr) => scan(state, normalNumber(number), qr),
  enterCode: (number, code) => enterCode(state, normalNumber(number), code),
  devices: (number) =>
    devicesOf(state, normalNumber(number)).map(({ id, isActive, preKeys }) => ({ id, isConnected: isActive, oneTimeKeys: preKeys.length })),
  unlink: (number) => unlinkAll(state.accounts.get(normalNumber(number))),
  ownMessage: (number, to, content) => writeFromOwnPhone(state, { number: normalNumber(number), to, content }),
  lid: (number) => state.people.of(normalNumber(number)).lidJid,
  settings: (number) => Object.fromEntries(state.accounts.get(normalNumber(number))?.settings ?? []),
  setPicture: (number, bytes) => void changePicture(state, { of: normalNumber(number), by: normalNumber(number), bytes }),
  message: (wireId) => state.messages.get(wireId),
  unknown: () => state.unknown,
  failures: () => state.failures,
})
