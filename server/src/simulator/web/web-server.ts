import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { quietSignal } from '#kit/quiet-signal'
import type { Network } from '../network.types.ts'
import { normalNumber } from '../phones.ts'
import { makeCertificate } from './certificate.ts'
import { openConnection } from './connection.ts'
import { createWebControl } from './control.ts'
import { unlinkAll } from './device-list.ts'
import { openFaultBook } from './fault-book.ts'
import { createFaults } from './faults.ts'
import { followNetwork } from './follow-network.ts'
import { handleControl } from './handle-control.ts'
import { takeLogin } from './login.ts'
import { openMediaHost } from './media-host.ts'
import { createMediaStore } from './media-store.ts'
import { makeNoiseIdentity } from './noise-certificates.ts'
import { writeFromOwnPhone } from './own-phone.ts'
import { scan } from './pairing.ts'
import { enterCode } from './pairing-code.ts'
import { openPeople } from './people.ts'
import { changePhone, tellPlayed, tellTrust } from './person-acts.ts'
import { changePicture } from './pictures.ts'
import { takeStanza } from './take-stanza.ts'
import type { WebServer, WebServerOptions } from './web-server.types.ts'
import { accountOf, devicesOf, note, type Session, type WebState } from './web-state.ts'

export function createWebServer({ network, tls = 'make', control: isSteered = false, numbers = [] }: WebServerOptions): WebServer {
  quietSignal()
  const state = openState(network)
  for (const number of numbers) accountOf(state, normalNumber(number))
  const api = { ...verbsOf(state), faults: createFaults(state) }
  const control = isSteered ? createWebControl(network, api, () => [...state.accounts.keys()]) : undefined
  const http = createHttpServer((request, response) => {
    if (request.url === '/sw.js') response.end(pageOf(state))
    else handleControl(control, request, response)
  })
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

/** As WhatsApp's own page names its revision. */
const pageOf = ({ faults }: WebState): string =>
  faults.oldestRevisions.size === 0 ? '' : JSON.stringify({ client_revision: Math.max(...faults.oldestRevisions.values()) })

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
  unacknowledged: (number) => devicesOf(state, normalNumber(number)).reduce((sum, { waiting }) => sum + waiting.size, 0),
  askedAgain(number) {
    const asked = number === undefined ? [...state.accounts.values()] : [state.accounts.get(normalNumber(number))]
    return asked.reduce((sum, account) => sum + (account?.askedAgain ?? 0), 0)
  },
  timesTrusted(number, person) {
    const { phoneJid, lidJid } = state.people.of(normalNumber(person))
    const trusted = state.accounts.get(normalNumber(number))?.trusted
    return (trusted?.get(phoneJid) ?? 0) + (trusted?.get(lidJid) ?? 0)
  },
  unlink: (number) => unlinkAll(state.accounts.get(normalNumber(number))),
  ownMessage: (number, to, content) => writeFromOwnPhone(state, { number: normalNumber(number), to, content }),
  tellTrust: (number, person) => tellTrust(state, normalNumber(number), normalNumber(person)),
  tellPlayed: (number, wireId) => tellPlayed(state, normalNumber(number), wireId),
  changePhone: (person) => changePhone(state, normalNumber(person)),
  lid: (number) => state.people.of(normalNumber(number)).lidJid,
  settings: (number) => Object.fromEntries(state.accounts.get(normalNumber(number))?.settings ?? []),
  setPicture: (number, bytes) => void changePicture(state, { of: normalNumber(number), by: normalNumber(number), bytes }),
  message: (wireId) => state.messages.get(wireId),
  unknown: () => state.unknown,
  failures: () => state.failures,
  complaints: () => [
    ...state.unknown.map((node) => `the network has no answer for ${JSON.stringify(node)}`),
    ...state.failures.map(({ stack }) => `the network failed: ${stack}`),
  ],
})
