import { randomBytes } from 'node:crypto'
import type { SecretBox } from '#kit/crypto'
import type { EndpointSecret } from './endpoint.ts'

declare module '#kit/context' {
  interface Ports {
    secretBox: SecretBox
  }
}

const SECRET_BYTES = 24
const OVERLAP_MS = 24 * 3_600_000

/** A signing secret in the form of Standard Webhooks. */
export const mintEndpointSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`

/** The new secret first; the one it replaces lives on for 24 hours, or ends at once. */
export function rotateSecrets(known: readonly EndpointSecret[], fresh: string, change: { overlap: boolean; now: Date }): EndpointSecret[] {
  const [current] = known
  if (!change.overlap || !current) return [{ secret: fresh }]
  return [{ secret: fresh }, { secret: current.secret, until: new Date(change.now.getTime() + OVERLAP_MS).toISOString() }]
}

/** Those that sign now. */
export const liveSecrets = (secrets: readonly EndpointSecret[], now: Date): EndpointSecret[] =>
  secrets.filter(({ until }) => until === undefined || new Date(until) > now)

export const sealSecrets = (box: SecretBox, secrets: readonly EndpointSecret[]): Buffer => box.seal(JSON.stringify(secrets))

/** Throws when they were sealed under another CHASQUI_SECRET. */
// what sealSecrets wrote and authenticated encryption brought back needs no second look
export const openSecrets = (box: SecretBox, sealed: Uint8Array): EndpointSecret[] => JSON.parse(box.open(sealed)) as EndpointSecret[]
