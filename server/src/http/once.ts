import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Claim, claimKey, completeKey, holdKey, peekKey, releaseKey } from '#core/idempotency'
import type { Context } from '#kit/context'
import type { Answer, Effect } from '#kit/door'
import { DomainError, invalidField } from '#kit/errors'
import { withTransaction } from '#kit/operation'
import { pathOf } from './mount.ts'

export type Idempotency = { key: string; fingerprint: Buffer }

const KEY = /^[\x20-\x7e]{1,255}$/

/** The request's Idempotency-Key with a fingerprint of method, path and body. Throws `invalid` on a key that is none. */
export function idempotencyOf(request: FastifyRequest, more?: Readonly<Record<string, unknown>>): Idempotency | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !KEY.test(key)) throw invalidField('Idempotency-Key', 'must be 1 to 255 printable ASCII characters')
  const asked = JSON.stringify([request.method, pathOf(request.url), request.body ?? null, more ?? null])
  return { key, fingerprint: createHash('sha256').update(asked).digest() }
}

type Remembered = Answer & { replayed: boolean }

/** Runs the effect and remembers its answer in one transaction; a refusal rolls both back, so that the key stays free. */
export async function once(request: FastifyRequest, reply: FastifyReply, effect: Effect): Promise<unknown> {
  const { ctx } = request
  const idempotency = idempotencyOf(request)
  if (!idempotency) return answer(reply, await (typeof effect === 'function' ? effect(ctx) : (await effect.before(ctx))(ctx)))
  const told = await (typeof effect === 'function' ? runOnce(ctx, idempotency, effect) : aheadOnce(ctx, idempotency, effect))
  if (told.replayed) reply.header('Idempotent-Replayed', 'true')
  return answer(reply, told)
}

type Run = (ctx: Context) => Promise<Answer>

async function runOnce(outside: Context, idempotency: Idempotency, run: Run): Promise<Remembered> {
  const known = remembered(await peekKey(outside, idempotency))
  if (known) return known
  return withTransaction(outside, async (ctx) => remembered(await claimKey(ctx, idempotency)) ?? complete(ctx, idempotency, run))
}

/** What is done ahead of its transaction is done by one request at a time: the key is held meanwhile. */
async function aheadOnce(outside: Context, idempotency: Idempotency, effect: Exclude<Effect, Run>): Promise<Remembered> {
  const known = remembered(await holdKey(outside, idempotency))
  if (known) return known
  try {
    const run = await effect.before(outside)
    return await withTransaction(outside, (ctx) => complete(ctx, idempotency, run))
  } catch (error) {
    await releaseKey(outside, idempotency).catch((lost: unknown) => outside.log.warn({ error: lost }, 'a key stays held for a minute'))
    throw error
  }
}

async function complete(ctx: Context, { key }: Idempotency, run: Run): Promise<Remembered> {
  const fresh = await run(ctx)
  await completeKey(ctx, { key, status: fresh.status, answer: fresh.body })
  return { ...fresh, replayed: false }
}

/** undefined: the key is free. */
function remembered(claim: Claim): Remembered | undefined {
  if (claim.kind === 'conflict') throw new DomainError('idempotency_conflict', 'This Idempotency-Key was used with another request')
  return claim.kind === 'replay' ? { status: claim.status, body: claim.answer, replayed: true } : undefined
}

const answer = (reply: FastifyReply, { status, body }: Answer) => reply.code(status).send(body ?? undefined)
