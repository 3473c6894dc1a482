import { existsSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '#core/installations'
import { type Config, isWhatsApp } from '../config.ts'
import { FIRST_RUN_FILE } from '../first-run.ts'

const GIGABYTE = 2 ** 30
const FREE_LEAST = 2 * GIGABYTE
const SECRET_FILES = ['secret', 'postgres.password', FIRST_RUN_FILE]
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** What the database does not know: this machine and the settings. */
export function examineMachine(config: Config, { dataDir, ownNumbers }: { dataDir: string; ownNumbers: boolean }): Finding[] {
  const { bavail, bsize } = statfsSync(dataDir)
  const open = SECRET_FILES.filter((name) => (statSync(join(dataDir, name), { throwIfNoEntry: false })?.mode ?? 0) & 0o077)
  const beyond = !LOOPBACK.has(config.host)
  return [
    {
      ok: bavail * bsize >= FREE_LEAST,
      what: `${((bavail * bsize) / GIGABYTE).toFixed(1)} GB are free in ${dataDir}`,
      advice: 'A full disk stops the house: make room.',
    },
    {
      ok: open.length === 0,
      what: open.length === 0 ? 'only their owner can read the secrets' : `others can read ${open.join(', ')}`,
      advice: `chmod 600 them in ${dataDir}.`,
    },
    {
      ok: !beyond || config.publicUrl !== undefined,
      what: `it listens on ${config.host}:${config.port}${config.publicUrl ? `, the world knows it as ${config.publicUrl}` : ''}`,
      advice: 'Set CHASQUI_PUBLIC_URL to where the world reaches it, with https: webhook addresses and links are made from it.',
    },
    {
      ok: !beyond || !existsSync(join(dataDir, FIRST_RUN_FILE)),
      what: existsSync(join(dataDir, FIRST_RUN_FILE)) ? `${FIRST_RUN_FILE} with the first keys is there` : `${FIRST_RUN_FILE} is gone`,
      advice: `Keep its keys elsewhere and remove ${join(dataDir, FIRST_RUN_FILE)}.`,
    },
    examineLibrary(ownNumbers),
    ...(ownNumbers ? [examineSocket(config.webSocketUrl)] : []),
  ]
}

/** The library is looked for and not loaded: it is large. */
function examineLibrary(isNeeded: boolean): Finding {
  const found = isInstalled('baileys')
  return {
    ok: found || !isNeeded,
    what: `the optional library for own numbers is ${found ? '' : 'not '}installed${isNeeded ? '' : '; no channel needs it'}`,
    advice: 'Install it with npm ci, without --omit=optional, and start Chasqui again.',
  }
}

function examineSocket(socketUrl: string): Finding {
  return {
    ok: isWhatsApp(new URL(socketUrl)),
    what: `own numbers connect to ${new URL(socketUrl).host}`,
    advice: 'That is a simulated server, not WhatsApp: nothing reaches a real phone. Take CHASQUI_WEB_SOCKET_URL out.',
  }
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}
