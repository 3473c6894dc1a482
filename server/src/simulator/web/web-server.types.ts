import type { proto } from 'baileys'
import type { InboundContent } from '#core/content'
import type { Network } from '../network.types.ts'
import type { WebFaults } from './faults.ts'
import type { Tls } from './media-host.ts'
import type { Node } from './nodes.wire.ts'

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
  /** What the devices of a number have been sent, or will be, and did not acknowledge. */
  unacknowledged(number: string): number
  /** How often phones could not open what the devices of a number, or of all numbers, sent, and asked for it again. */
  askedAgain(number?: string): number
  /** How often the devices of a number told somebody that they are trusted. */
  timesTrusted(number: string, person: string): number
  /** The person removes every device: 401. */
  unlink(number: string): void
  /** The owner writes on the phone itself; answers the wire id. */
  ownMessage(number: string, to: string, content: InboundContent): Promise<string>
  /** The phone of a person hands the number a token that says it is trusted. */
  tellTrust(number: string, person: string): void
  /** Whoever got this voice message has listened to it. */
  tellPlayed(number: string, wireId: string): void
  /** A person has a new phone, with another identity. */
  changePhone(person: string): void
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
  /** Both in words. */
  complaints(): string[]
  close(): Promise<void>
}
