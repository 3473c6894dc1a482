import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { proto } from 'baileys'
import { WebSocketServer } from 'ws'
import type { InboundContent } from '#core/content'
import type { Network } from '../network.types.ts'
import { normalNumber } from '../phones.ts'
import { makeCertificate } from './certificate.ts'
import { openConnection } from './connection.ts'
import { openFaultBook } from './fault-book.ts'
import { createFaults, type WebFaults } from './faults.ts'
import { followNetwork } from './follow-network.ts'
import { takeLogin } from './login.ts'
import { openMediaHost, type Tls } from './media-host.ts'
import { createMediaStore } from './media-store.ts'
import type { Node } from './nodes.wire.ts'
import { makeNoiseIdentity } from './noise-certificates.ts'
import { writeFromOwnPhone } from './own-phone.ts'
import { scan } from './pairing.ts'
import { enterCode } from './pairing-code.ts'
import { openPeople } from './people.ts'
import { takeStanza } from './take-stanza.ts'
import { unlinkAll } from './unlink.ts'
import { devicesOf, note, type Session, type WebState } from './web-state.ts'

export type WebServerOptions = {
  network: Network
  /** For the media host, which clients only speak https to. 'make' makes a certificate that they must trust. */
  tls?: Tls | 'make'
}
export type LinkedDevice = { id: number; isConnected: boolean }

/** WhatsApp's own server as far as linked devices go, over a simulated network. Numbers are E.164. */
export interface WebServer {
  /** Port 0 takes a free one. `ca`: the certificate of the media host (PEM). */
  listen(port?: number): Promise<{ socketUrl: string; mediaHost: string; ca: string }>
  /** The phone of `number` scans the QR text of a companion; throws when it is expired or was never shown. */
  scan(number: string, qr: string): Promise<void>
  /** The phone of `number` types the letters that a companion shows. */
  enterCode(number: string, code: string): Promise<void>
  devices(number: string): LinkedDevice[]
  /** What the devices of a number have been sent, or will be, and did not acknowledge. */
  unacknowledged(number: string): number
  /** The person removes every device: 401. */
  unlink(number: string): void
  /** The owner writes on the phone itself; answers the wire id. */
  ownMessage(number: string, to: string, content: InboundContent): Promise<string>
  /** The other JID of a number. */
  lid(number: string): string
  readonly faults: WebFaults
  /** What a client sent under this wire id, opened. */
  message(wireId: string): proto.IMessage | undefined
  /** Questions that nobody here could answer. */
  unknown(): readonly Node[]
  /** What went wrong inside. */
  failures(): readonly Error[]
  close(): Promise<void>
}

export function createWebServer({ network, tls = 'make' }: WebServerOptions): WebServer {
  const state = openState(network)
  const http = createHttpServer((_request, response) => response.writeHead(404).end())
  const sockets = new WebSocketServer({ server: http, path: '/ws/chat', perMessageDeflate: false })
  sockets.on('connection', (socket) => admit(state, socket))
  const stopFollowing = followNetwork(state)
  const mediaHost = openMediaHost(state.media, () => (tls === 'make' ? makeCertificate(Date.now()) : tls))
  return {
    ...verbsOf(state),
    faults: createFaults(state),
    async listen(port = 0) {
      const { ca } = await mediaHost.listen()
      await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, '127.0.0.1', resolve))
      const { port: taken } = http.address() as AddressInfo // a listening TCP server has no other kind of address
      return { socketUrl: `ws://127.0.0.1:${taken}/ws/chat`, mediaHost: state.media.host, ca }
    },
    async close() {
      stopFollowing()
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
  devices: (number) => devicesOf(state, normalNumber(number)).map(({ id, isActive }) => ({ id, isConnected: isActive })),
  unacknowledged: (number) => devicesOf(state, normalNumber(number)).reduce((sum, { waiting }) => sum + waiting.size, 0),
  unlink: (number) => unlinkAll(state.accounts.get(normalNumber(number))),
  ownMessage: (number, to, content) => writeFromOwnPhone(state, { number: normalNumber(number), to, content }),
  lid: (number) => state.people.of(normalNumber(number)).lidJid,
  message: (wireId) => state.messages.get(wireId),
  unknown: () => state.unknown,
  failures: () => state.failures,
})
