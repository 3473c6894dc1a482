import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { claimKey, completeKey } from '#core/idempotency'
import type { Context } from '#kit/context'
import type { Answer } from '#kit/door'
import { DomainError, invalidField } from '#kit/errors'
import { withTransaction } from '#kit/operation'
import { pathOf } from './mount.ts'

export type Idempotency = { key: string; fingerprint: Buffer }

const KEY = /^[\x21-\x7e]{1,255}$/

/** The request's Idempotency-Key with a fingerprint of method, path and body. Throws `invalid` on a key that is none. */
export function idempotencyOf(request: FastifyRequest, more?: Readonly<Record<string, unknown>>): Idempotency | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !KEY.test(key)) throw invalidField('Idempotency-Key', 'must be 1 to 255 visible ASCII characters')
  const asked = JSON.stringify([request.method, pathOf(request.url), request.body ?? null, more ?? null])
  return { key, fingerprint: createHash('sha256').update(asked).digest() }
}

type Remembered = Answer & { replayed: boolean }

/** Runs the effect and remembers its answer in one transaction; a refusal rolls both back, so that the key stays free. */
export async function once(request: FastifyRequest, reply: FastifyReply, run: (ctx: Context) => Promise<Answer>): Promise<unknown> {
  const idempotency = idempotencyOf(request)
  if (!idempotency) return answer(reply, await run(request.ctx))
  const remembered = await withTransaction(request.ctx, (ctx) => runClaimed(ctx, idempotency, run))
  if (remembered.replayed) reply.header('Idempotent-Replayed', 'true')
  return answer(reply, remembered)
}

async function runClaimed(ctx: Context, { key, fingerprint }: Idempotency, run: (ctx: Context) => Promise<Answer>): Promise<Remembered> {
  const claim = await claimKey(ctx, { key, fingerprint })
  if (claim.kind === 'conflict') throw new DomainError('idempotency_conflict', 'This Idempotency-Key was used with another request')
  if (claim.kind === 'replay') return { status: claim.status, body: claim.answer, replayed: true }
  const fresh = await run(ctx)
  await completeKey(ctx, { key, status: fresh.status, answer: fresh.body })
  return { ...fresh, replayed: false }
}

const answer = (reply: FastifyReply, { status, body }: Answer) => reply.code(status).send(body ?? undefined)
