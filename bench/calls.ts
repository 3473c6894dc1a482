import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a child process of the bench can be asked for, by name. */
export type Answers = Record<string, (sent: never) => unknown>

type Asked = { call: number; name: string; sent: unknown }
type Answered = { call: number; result?: unknown; error?: string }

/** In a child: answers what the parent asks over the channel between them, and ends with the parent. */
export function answerCalls(answers: Answers): void {
  process.on('message', (asked: Asked) => {
    void Promise.resolve()
      .then(() => answers[asked.name]?.(asked.sent as never)) // the parent's types and ours are one declaration
      .then(
        (result) => process.send?.({ call: asked.call, result } satisfies Answered),
        (error: unknown) =>
          process.send?.({ call: asked.call, error: String(error instanceof Error ? error.stack : error) } satisfies Answered),
      )
  })
  process.on('disconnect', () => process.exit(0))
}

/** A child process that answers calls. */
export interface Helper {
  readonly pid: number
  ask<Result>(name: string, sent?: unknown): Promise<Result>
  stop(): Promise<void>
}

const CALL_MOST_MS = 180_000

/** Starts a file of the bench as a process of its own. Calls reject when it dies, or after three minutes. */
export function startHelper(file: string, env: Record<string, string> = {}): Helper {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  })
  const pending = new Map<number, { done(result: unknown): void; failed(error: Error): void }>()
  let calls = 0
  child.on('message', ({ call, result, error }: Answered) => {
    const waiting = pending.get(call)
    pending.delete(call)
    if (error === undefined) waiting?.done(result)
    else waiting?.failed(new Error(`${file}: ${error}`))
  })
  child.on('exit', (code, signal) => {
    for (const { failed } of pending.values()) failed(new Error(`${file} ended (${signal ?? code})`))
    pending.clear()
  })
  return {
    pid: child.pid ?? 0,
    ask<Result>(name: string, sent: unknown = null) {
      const call = ++calls
      return new Promise<Result>((done, failed) => {
        const timer = setTimeout(() => failed(new Error(`${file} did not answer ${name}`)), CALL_MOST_MS)
        const settle = <Value>(end: (value: Value) => void) => {
          return (value: Value) => {
            clearTimeout(timer)
            end(value)
          }
        }
        pending.set(call, { done: settle(done as (result: unknown) => void), failed: settle(failed) }) // the two sides agree on the result's type
        child.send({ call, name, sent } satisfies Asked)
      })
    },
    stop: () => endProcess(child, 'SIGTERM'),
  }
}

/** Asks a process to end; after 20 s it is killed. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(timer)
}
