import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FirstRun } from '../../src/first-run.ts'

/** What a finished process leaves behind. */
export type Ended = { code: number | null; out: string; errors: string }

export type CommandOptions = { input?: string; environment?: Record<string, string>; heard?(out: string): void }

/** A data folder with processes over it, as an operator starts them: `npm start` and `npm run chasqui` without npm. */
export type Installation = {
  readonly dataDir: string
  /** Starts the house on a free port and waits until it says that it is open. */
  start(environment?: Record<string, string>): Promise<RunningHouse>
  /** Runs one command line to its end; `heard`: each time it says something, all that it has said. */
  chasqui(args: readonly string[], options?: CommandOptions): Promise<Ended>
  firstRun(): FirstRun
  /** The PostgreSQL that serves the folder now. */
  databasePid(): number | undefined
  /** Ends whatever still runs and removes the folder. */
  clear(): Promise<void>
}

export type RunningHouse = {
  readonly url: string
  readonly process: ChildProcess
  /** What it has written to the log so far, a line each. */
  log(): string[]
  /** SIGTERM, or another signal; answers how it ended. */
  end(signal?: NodeJS.Signals): Promise<Ended>
}

const source = (file: string) => fileURLToPath(new URL(`../../src/${file}`, import.meta.url))
const OPEN = /open at (http:\S+)\n/

export function openInstallation(): Installation {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-operator-'))
  const lock = join(dataDir, 'postgres', 'cluster', 'postmaster.pid')
  const children = new Set<ChildProcess>()

  const launch = (file: string, args: readonly string[], environment: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [source(file), ...args], {
      env: { ...withoutSettings(), CHASQUI_DATA_DIR: dataDir, CHASQUI_PORT: '0', ...environment },
    })
    children.add(child)
    child.once('exit', () => children.delete(child))
    const words = { out: '', errors: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (words.out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (words.errors += text))
    const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, ...words })) // 'close' gives a code or null
    return { child, words, ended }
  }

  return {
    dataDir,
    async start(environment) {
      const { child, words, ended } = launch('main.ts', [], environment)
      const open = new Promise<string>((found) => {
        child.stdout.on('data', () => {
          const url = OPEN.exec(words.out)?.[1]
          if (url) found(url)
        })
      })
      const early = ended.then(({ code, errors }) => Promise.reject(new Error(`it ended with ${code} before it was open: ${errors}`)))
      const url = await Promise.race([open, early])
      early.catch(() => undefined) // its later end is the test's affair
      return {
        url,
        process: child,
        log: () => words.errors.split('\n').filter((line) => line !== ''),
        end(signal = 'SIGTERM') {
          child.kill(signal)
          return ended
        },
      }
    },
    chasqui(args, { input = '', environment, heard } = {}) {
      const { child, words, ended } = launch('cli.ts', args, environment)
      if (heard) child.stdout.on('data', () => heard(words.out))
      child.stdin.end(input)
      return ended
    },
    firstRun: () => JSON.parse(readFileSync(join(dataDir, 'first-run.json'), 'utf8')),
    databasePid: () => (existsSync(lock) ? Number(readFileSync(lock, 'utf8').split('\n')[0]) : undefined),
    async clear() {
      for (const child of children) child.kill('SIGKILL')
      const database = this.databasePid()
      if (database !== undefined) killIfThere(database)
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

/** The developer's own settings must not reach a house under test. */
const withoutSettings = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CHASQUI_') && !name.startsWith('DATABASE_')))

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // it is gone
  }
}
