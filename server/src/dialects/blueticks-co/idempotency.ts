import type { FastifyRequest } from 'fastify'
import { sha256 } from '#kit/crypto'
import type { Door } from '#kit/door'
import { invalidField } from '#kit/errors'

const KEY_MOST = 64

/** What was asked, the same for the same request whatever its spelling. */
export const fingerprintOf = (asked: unknown): Buffer => sha256(JSON.stringify(asked))

/** The Idempotency-Key of a send. Two requests are the same when they ask the same of the same recipient, in any generation's words. */
export function idempotencyOf(door: Door, request: FastifyRequest, fingerprint: Buffer): { key: string; fingerprint: Buffer } | undefined {
  const given = door.idempotency(request)
  if (given && given.key.length > KEY_MOST) throw invalidField('Idempotency-Key', `must be 1 to ${KEY_MOST} characters`, 'too_big')
  return given && { key: given.key, fingerprint }
}
