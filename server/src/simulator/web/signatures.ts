import { generateSignalPubKey } from 'baileys'
import { verifySignature } from 'libsignal/src/curve.js'

/** Whether the owner of the key signed this. The client library's own check answers yes to any signature of the right length. */
export function isSigned(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verifySignature(Buffer.from(generateSignalPubKey(key)), Buffer.from(message), Buffer.from(signature))
  } catch {
    return false
  }
}
