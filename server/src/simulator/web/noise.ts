import { hkdfSync } from 'node:crypto'
import { aesDecryptGCM, aesEncryptGCM, Curve, type KeyPair, NOISE_MODE, NOISE_WA_HEADER, proto } from 'baileys'
import { sha256 } from '#kit/crypto'
import type { NoiseIdentity } from './noise-certificates.ts'

/** The responder's half of Noise_XX_25519_AESGCM_SHA256, as WhatsApp frames it. */
export interface NoiseResponder {
  /** Takes the first frame of a client, answers ours. */
  hello(frame: Uint8Array): Uint8Array
  /** Takes the second: who it is and what it wants. From here on frames are sealed. */
  finish(frame: Uint8Array): { clientKey: Buffer; payload: Buffer }
  seal(plain: Uint8Array): Buffer
  open(sealed: Uint8Array): Buffer
}

const EMPTY: Buffer = Buffer.alloc(0)

function nonce(count: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32BE(count, 8)
  return bytes
}

function expand(data: Uint8Array, salt: Uint8Array): [Buffer, Buffer] {
  const both = Buffer.from(hkdfSync('sha256', data, salt, EMPTY, 64))
  return [both.subarray(0, 32), both.subarray(32)]
}

/** Hash, salt and key of a handshake under way. */
function openSymmetricState() {
  let hash: Buffer = Buffer.from(NOISE_MODE)
  let salt: Buffer = hash
  let key: Buffer = hash
  let count = 0
  const authenticate = (data: Uint8Array) => {
    hash = sha256(Buffer.concat([hash, data]))
  }
  return {
    authenticate,
    mix(shared: Uint8Array) {
      ;[salt, key] = expand(shared, salt)
      count = 0
    },
    seal(plain: Uint8Array): Buffer {
      const sealed = aesEncryptGCM(plain, key, nonce(count++), hash)
      authenticate(sealed)
      return sealed
    },
    open(sealed: Uint8Array): Buffer {
      const plain = aesDecryptGCM(sealed, key, nonce(count++), hash)
      authenticate(sealed)
      return plain
    },
    /** What the client writes with, and what it reads with. */
    split: () => expand(EMPTY, salt),
  }
}

const present = (bytes: Uint8Array | null | undefined, what: string): Uint8Array => {
  if (!bytes) throw new RangeError(`the handshake has no ${what}`)
  return bytes
}

export function createNoiseResponder({ keys, chain }: NoiseIdentity): NoiseResponder {
  const state = openSymmetricState()
  let ephemeral: KeyPair | undefined
  const transport = { reads: EMPTY, read: 0, writes: EMPTY, written: 0 }
  state.authenticate(NOISE_WA_HEADER)
  return {
    hello(frame) {
      const theirs = present(proto.HandshakeMessage.decode(frame).clientHello?.ephemeral, 'ephemeral key')
      const ours = Curve.generateKeyPair()
      ephemeral = ours
      state.authenticate(theirs)
      state.authenticate(ours.public)
      state.mix(Curve.sharedKey(ours.private, theirs))
      const sealedKey = state.seal(keys.public)
      state.mix(Curve.sharedKey(keys.private, theirs))
      const serverHello = { ephemeral: ours.public, static: sealedKey, payload: state.seal(chain) }
      return proto.HandshakeMessage.encode({ serverHello }).finish()
    },
    finish(frame) {
      const { clientFinish } = proto.HandshakeMessage.decode(frame)
      const clientKey = state.open(present(clientFinish?.static, 'client key'))
      state.mix(Curve.sharedKey(present(ephemeral?.private, 'beginning'), clientKey))
      const payload = state.open(present(clientFinish?.payload, 'payload'))
      ;[transport.reads, transport.writes] = state.split()
      return { clientKey, payload }
    },
    seal: (plain) => aesEncryptGCM(plain, transport.writes, nonce(transport.written++), EMPTY),
    open: (sealed) => aesDecryptGCM(sealed, transport.reads, nonce(transport.read++), EMPTY),
  }
}
