import { Curve, type KeyPair, proto } from 'baileys'

const YEAR_SECONDS = 365 * 86_400

/** The key that the server speaks with, and the chain of certificates that a client finds in the handshake. */
export type NoiseIdentity = { keys: KeyPair; chain: Uint8Array }

/** Makes root, intermediate and leaf. Clients that check them do so against WhatsApp's own root: this server can only be met where TLS, or the loopback, vouches for it. */
export function makeNoiseIdentity(nowMs: number): NoiseIdentity {
  const [root, intermediate, keys] = [Curve.generateKeyPair(), Curve.generateKeyPair(), Curve.generateKeyPair()]
  const now = Math.floor(nowMs / 1000)
  const { Details } = proto.CertChain.NoiseCertificate
  const certify = (signer: KeyPair, facts: { serial: number; issuerSerial: number; key: Uint8Array }) => {
    const details = Details.encode(Details.fromObject({ ...facts, notBefore: now - 86_400, notAfter: now + YEAR_SECONDS })).finish()
    return { details, signature: Curve.sign(signer.private, details) }
  }
  const chain = proto.CertChain.encode({
    intermediate: certify(root, { serial: 1, issuerSerial: 0, key: intermediate.public }),
    leaf: certify(intermediate, { serial: 2, issuerSerial: 1, key: keys.public }),
  }).finish()
  return { keys, chain }
}
