import { z } from 'zod'
import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import { operation } from '#kit/operation'
import { findKey } from './accept.store.ts'
import type { Accepted, AcceptUnit } from './accept-unit.ts'
import type { Prepared } from './compose-message.ts'
import { findMessage, findMessages } from './message.store.ts'
import type { OutgoingMessage } from './message.ts'
import { MessageInput } from './message-input.ts'
import { prepareMessages } from './prepare-messages.ts'
import { showTyping } from './show-typing.ts'

const Idempotency = z.strictObject({ key: z.string().min(1).max(255), fingerprint: z.instanceof(Buffer) }).optional()

export const sendMessage = operation({
  name: 'messages.send',
  does: 'Accept a message: it is kept once this answers, and leaves when its time, its channel and its turn have come.',
  needs: 'messages:write',
  transaction: 'none',
  input: MessageInput.extend({
    idempotency: Idempotency,
    awaitMs: z.int().min(0).max(20_000).default(0).describe('Wait so long for the outcome'),
    request: z.string().max(128).optional().describe('The same for the same request: while the first one waits, a second one joins it'),
  }),
  run: (ctx, { request, ...input }): Promise<Sent> => {
    if (!request || input.awaitMs === 0 || input.idempotency) return sendOne(ctx, input)
    return ctx.ports.waiters.join(`${ctx.workspaceId} ${ctx.actor.id} ${request}`, () => sendOne(ctx, input))
  },
})

type Sent = { message: OutgoingMessage; replayed: boolean }
type SendInput = MessageInput & { idempotency?: z.output<typeof Idempotency>; awaitMs: number }

async function sendOne(ctx: Context, { idempotency, awaitMs, ...input }: SendInput): Promise<Sent> {
  const known = idempotency && (await findFirst(ctx, idempotency))
  if (known) return { message: await replayed(ctx, known.subject, awaitMs), replayed: true }
  const [prepared] = await prepareMessages(ctx, [input], { awaited: awaitMs > 0 })
  if (prepared === undefined || prepared instanceof DomainError) throw prepared ?? new DomainError('internal', 'Nothing was prepared')
  const waiting = awaitMs > 0 ? ctx.ports.waiters.wait(prepared.row.id, awaitMs) : undefined
  const accepted = await accept(ctx, [prepared], idempotency).catch((error: unknown) => {
    waiting?.cancel()
    throw error
  })
  if (accepted.kind === 'replay') {
    waiting?.cancel()
    return { message: await replayed(ctx, accepted.subject, awaitMs), replayed: true }
  }
  if (prepared.row.notBefore) void showTyping(ctx, prepared.row)
  const message = { ...prepared.message, number: accepted.numbers.get(prepared.row.id) ?? 0 }
  if (!waiting) return { message, replayed: false }
  await waiting.done
  return { message: await requireOutgoing(ctx, message.id), replayed: false }
}

type SentOrRefused = { message: OutgoingMessage } | { error: DomainError }

export const sendMessages = operation({
  name: 'messages.send-many',
  does: 'Accept up to 1,000 messages at once: those that are right are kept together, each of the others gets its own refusal.',
  needs: 'messages:write',
  transaction: 'none',
  input: z.strictObject({ messages: z.array(z.unknown()).min(1).max(1_000), idempotency: Idempotency }),
  async run(ctx, { messages, idempotency }): Promise<{ results: SentOrRefused[]; replayed: boolean }> {
    const first = idempotency && (await findFirst(ctx, idempotency))
    if (first) return { results: await replayBulk(ctx, first.note), replayed: true }
    const inputs = messages.map((message) => parseOne(message))
    const valid = inputs.filter((input): input is MessageInput => !(input instanceof DomainError))
    const prepared = valid.length > 0 ? await prepareMessages(ctx, valid, { awaited: false }) : []
    let next = 0
    const verdicts = inputs.map((input) =>
      input instanceof DomainError ? input : (prepared[next++] ?? new DomainError('internal', 'Nothing was prepared')),
    )
    const right = verdicts.filter((one): one is Prepared => !(one instanceof DomainError))
    if (right.length === 0)
      return { results: verdicts.flatMap((error) => (error instanceof DomainError ? [{ error }] : [])), replayed: false }
    const accepted = await accept(ctx, right, idempotency && { ...idempotency, note: JSON.stringify(verdicts.map(noteOf)) })
    if (accepted.kind === 'replay') return { results: await replayBulk(ctx, accepted.note), replayed: true }
    const results = verdicts.map((one) =>
      one instanceof DomainError ? { error: one } : { message: { ...one.message, number: accepted.numbers.get(one.row.id) ?? 0 } },
    )
    return { results, replayed: false }
  },
})

/** What a replay of a bulk needs of each of its places. */
type Note = { id: string } | Pick<DomainError, 'code' | 'message' | 'issues'>

const noteOf = (one: Prepared | DomainError): Note =>
  one instanceof DomainError ? { code: one.code, message: one.message, issues: one.issues } : { id: one.row.id }

async function replayBulk(ctx: Context, note: string | undefined): Promise<SentOrRefused[]> {
  if (note === undefined) throw new DomainError('idempotency_conflict', 'This Idempotency-Key was used for a single message')
  const notes: Note[] = JSON.parse(note)
  const found = await findMessages(
    ctx.db,
    ctx.workspaceId,
    notes.flatMap((one) => ('id' in one ? [one.id] : [])),
  )
  const byId = new Map(found.map((message) => [message.id, message]))
  return notes.map((one) => {
    if (!('id' in one)) return { error: new DomainError(one.code, one.message, { issues: one.issues }) }
    const message = byId.get(one.id)
    return message?.direction === 'out' ? { message } : { error: new DomainError('not_found', 'No such message') }
  })
}

const parseOne = (raw: unknown): MessageInput | DomainError => {
  const parsed = MessageInput.safeParse(raw)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), code: issue.code ?? 'custom', message: issue.message }))
  return new DomainError('invalid', issues[0] ? `${issues[0].path}: ${issues[0].message}` : 'This message is not valid', { issues })
}

/** What a key of an earlier request made, looked up before anything is prepared for nothing; throws `idempotency_conflict` on another request's key. */
async function findFirst(
  ctx: Context,
  { key, fingerprint }: { key: string; fingerprint: Buffer },
): Promise<{ subject: string; note: string | undefined } | undefined> {
  const known = await findKey(ctx.db, ctx.workspaceId, { key, now: ctx.now() })
  if (!known) return undefined
  if (!known.subject || !known.fingerprint.equals(fingerprint))
    throw new DomainError('idempotency_conflict', 'This Idempotency-Key was used with another request')
  return { subject: known.subject, note: known.note?.toString('utf8') }
}

async function accept(ctx: Context, prepared: readonly Prepared[], idempotency: AcceptUnit['idempotency']): Promise<Accepted> {
  const accepted = await ctx.ports.acceptor.accept({
    workspaceId: ctx.workspaceId,
    messages: prepared.map(({ row }) => row),
    idempotency,
    waitingMost: prepared[0]?.waitingMost,
  })
  if (accepted.kind === 'written')
    for (const { message, link } of prepared) if (link !== undefined) ctx.ports.linkPreviews.want(message, link)
  return accepted
}

/** The current row of a message that an earlier request made; that request's door may still be waiting, so this one waits as well. */
async function replayed(ctx: Context, id: string, awaitMs: number): Promise<OutgoingMessage> {
  const message = await requireOutgoing(ctx, id)
  const pending = message.state === 'sending' || (message.state === 'scheduled' && !message.sendAt)
  if (awaitMs === 0 || !pending) return message
  await ctx.ports.waiters.wait(id, awaitMs).done
  return requireOutgoing(ctx, id)
}

async function requireOutgoing(ctx: Context, id: string): Promise<OutgoingMessage> {
  const message = await findMessage(ctx.db, ctx.workspaceId, id)
  if (message?.direction !== 'out') throw new DomainError('not_found', 'No such message')
  return message
}
