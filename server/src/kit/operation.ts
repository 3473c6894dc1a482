import type { z } from 'zod'
import type { Context, RaisedEvent, Spec, Transaction } from './context.ts'
import { inTransaction } from './db.ts'
import { DomainError, type Issue } from './errors.ts'
import { newId } from './ids.ts'

export type Operation<Input, Result> = {
  (ctx: Context, input: Input): Promise<Result>
  readonly spec: Spec & { readonly input: z.ZodType }
}

type Definition<Schema extends z.ZodType, Result> = Spec & {
  input: Schema
  /** 'none': the verb writes through a batch, or asks for its own transactions. Default: one transaction under the workspace's row-level security. */
  transaction?: 'none'
  run(ctx: Context, input: z.output<Schema>): Promise<Result>
}

/** Makes a verb: checks the scope, parses the input, opens (or joins) a transaction, writes the raised events last. */
export function operation<Schema extends z.ZodType, Result>(definition: Definition<Schema, Result>): Operation<z.input<Schema>, Result> {
  const { name, does, needs, input, transaction, run } = definition
  const verb = async (ctx: Context, raw: z.input<Schema>): Promise<Result> => {
    requireScope(ctx, needs)
    const parsed = parse(input, raw)
    if (transaction === 'none' || ctx.transaction) return run(ctx, parsed)
    return withTransaction(ctx, (inside) => run(inside, parsed))
  }
  return Object.assign(verb, { spec: { name, does, needs, input } })
}

/** One transaction for several verbs: all of them or none. */
export async function withTransaction<Result>(ctx: Context, work: (ctx: Context) => Promise<Result>): Promise<Result> {
  if (ctx.transaction) return work(ctx)
  let transaction: Transaction = { events: [], afterCommit: [] }
  const result = await inTransaction(ctx.db, { workspaceId: ctx.workspaceId }, async (tx) => {
    transaction = { events: [], afterCommit: [] } // a retried transaction starts from nothing
    const answer = await work({ ...ctx, db: tx, transaction })
    if (transaction.events.length > 0) ctx.ports.events.append(tx, transaction.events)
    return answer
  })
  if (transaction.events.length > 0) ctx.ports.events.hint(transaction.events)
  for (const step of transaction.afterCommit) {
    try {
      await step()
    } catch (error) {
      ctx.log.error({ error, requestId: ctx.requestId }, 'a step after the commit failed')
    }
  }
  return result
}

/** Notes a fact; it is written with the transaction that is open. */
export function raise(ctx: Context, type: string, subjects: RaisedEvent['subjects'], facts: RaisedEvent['facts'] = {}): void {
  if (!ctx.transaction) throw new Error(`${type} was raised outside a transaction`)
  ctx.transaction.events.push({ id: newId(), workspaceId: ctx.workspaceId, type, subjects, facts })
}

declare module './context.ts' {
  interface Ports {
    events: {
      /** Numbers and writes the facts: the last statement of a transaction, sent together with its commit, since it locks what other commits need. */
      append(tx: Context['db'], events: readonly RaisedEvent[]): void
      /** Tells readers that there is something to read. */
      hint(events: readonly RaisedEvent[]): void
    }
  }
}

/** Throws `forbidden` unless the actor holds the scope; a write scope implies its read. */
export function requireScope(ctx: Context, scope: Spec['needs']): void {
  if (scope === undefined || hasScope(ctx.actor.scopes, scope)) return
  throw new DomainError('forbidden', `This key lacks the scope ${scope}`, { facts: { scope } })
}

export function hasScope(scopes: readonly string[], scope: string): boolean {
  return scopes.includes('*') || scopes.includes(scope) || (scope.endsWith(':read') && scopes.includes(scope.replace(/:read$/, ':write')))
}

/** Parses with zod; what is wrong becomes one DomainError with every issue. */
export function parse<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  throw new DomainError('invalid', firstWords(parsed.error), { issues: parsed.error.issues.map(toIssue) })
}

const firstWords = (error: z.ZodError): string => {
  const [issue] = error.issues
  return issue ? `${issue.path.join('.') || 'The request'}: ${issue.message}` : 'The request is not valid'
}

const toIssue = (issue: z.core.$ZodIssue): Issue => ({ path: issue.path.join('.'), code: issue.code, message: issue.message })
