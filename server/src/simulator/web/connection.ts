import { randomBytes } from 'node:crypto'
import { decodeBinaryNode, encodeBinaryNode, NOISE_WA_HEADER } from 'baileys'
import type { WebSocket } from 'ws'
import type { Node } from './nodes.wire.ts'
import { createNoiseResponder } from './noise.ts'
import type { NoiseIdentity } from './noise-certificates.ts'

/** A socket whose handshake is done. */
export interface Connection {
  /** The client's own Noise key: it must be the one that was linked. */
  readonly clientKey: Buffer
  /** False when nobody listens any more. */
  send(stanza: Node): boolean
  /** Ends it in order, after a last word; what the client says then is not heard. */
  end(last?: Node): void
  /** Cuts it without a word, as a lost network does. */
  cut(): void
  /** Sends a frame that nobody has sealed. */
  garble(): void
}

type Listener = {
  login(connection: Connection, payload: Buffer): Promise<void>
  /** One at a time, in the order of arrival. */
  stanza(stanza: Node): Promise<void>
  failed(error: Error): void
}

const HEADER_MOST = 2 ** 16
const OPEN = 1

/** Does the handshake on a socket, then hands over stanza by stanza. */
export function openConnection(socket: WebSocket, identity: NoiseIdentity, listener: Listener): void {
  const noise = createNoiseResponder(identity)
  let take: (frame: Buffer) => Promise<void> | void = hello
  let work: Promise<void> = Promise.resolve()
  let isEnded = false
  const send = (stanza: Node): boolean => {
    if (socket.readyState !== OPEN) return false
    socket.send(frameOf(noise.seal(encodeBinaryNode(stanza))))
    return true
  }
  function hello(frame: Buffer): void {
    socket.send(frameOf(noise.hello(frame)))
    take = finish
  }
  async function finish(frame: Buffer): Promise<void> {
    const { clientKey, payload } = noise.finish(frame)
    take = async (sealed) => listener.stanza(await decodeBinaryNode(noise.open(sealed)))
    await listener.login({ clientKey, send, end, cut: () => socket.terminate(), garble }, payload)
  }
  const garble = () => socket.send(frameOf(randomBytes(64)))
  function end(last?: Node): void {
    if (last) send(last)
    isEnded = true
    socket.close()
  }
  // the socket goes on reading until the client has closed it too
  const read = createFrameReader((frame) => (isEnded ? undefined : take(frame)))
  const fail = (error: Error) => {
    listener.failed(error)
    socket.terminate()
  }
  socket.on('message', (data: Buffer) => {
    work = work.then(() => read(data)).catch(fail)
  })
  socket.on('error', () => socket.terminate())
}

function frameOf(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(3)
  head.writeUIntBE(bytes.length, 0, 3)
  return Buffer.concat([head, bytes])
}

/** Frames begin with three bytes of length, which bound them; the first is preceded by WhatsApp's header, and sometimes by a hint for routing. */
function createFrameReader(take: (frame: Buffer) => Promise<void> | void): (data: Buffer) => Promise<void> {
  let held: Buffer = Buffer.alloc(0)
  let hasIntro = false
  return async (data) => {
    held = held.length === 0 ? data : Buffer.concat([held, data])
    if (!hasIntro) {
      const length = introLength(held)
      if (length === undefined) return
      held = held.subarray(length)
      hasIntro = true
    }
    while (held.length >= 3) {
      const end = 3 + held.readUIntBE(0, 3)
      if (held.length < end) return
      const frame = held.subarray(3, end)
      held = held.subarray(end)
      await take(frame)
    }
  }
}

/** How many bytes stand before the first frame; undefined while they are not all there. */
function introLength(bytes: Buffer): number | undefined {
  const isRouted = bytes.subarray(0, 2).toString() === 'ED'
  if (isRouted && bytes.length < 7) return undefined
  const start = isRouted ? 7 + bytes.readUIntBE(4, 3) : 0
  if (start > HEADER_MOST) throw new RangeError('the header is too long')
  const end = start + NOISE_WA_HEADER.length
  if (bytes.length < end) return undefined
  if (!bytes.subarray(start, end).equals(NOISE_WA_HEADER)) throw new RangeError('not a WhatsApp client')
  return end
}
