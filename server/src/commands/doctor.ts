import { existsSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { examine, type Finding } from '#core/installations'
import type { Config } from '../config.ts'
import { FIRST_RUN_FILE } from '../first-run.ts'
import { type Foundation, openFoundation } from '../foundation.ts'
import type { Command } from './command.ts'

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  does: 'Look at the database and the settings, and say what is not as it should be (then it ends with 1)',
  options: {},
  async run({ config }) {
    const foundation = await openFoundation(config, { alone: false })
    try {
      const findings = [...(await examine(foundation.database.db)), ...examineMachine(config, foundation)]
      for (const finding of findings) console.log(words(finding))
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1
    } finally {
      await foundation.close()
    }
  },
}

const words = ({ ok, what, advice }: Finding) => `${ok ? 'ok  ' : 'LOOK'}  ${what}${ok || !advice ? '' : `\n      ${advice}`}`

const GIGABYTE = 2 ** 30
const FREE_LEAST = 2 * GIGABYTE
const SECRET_FILES = ['secret', 'postgres.password', FIRST_RUN_FILE]
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** What the database does not know: this machine and the settings. */
function examineMachine(config: Config, { dataDir }: Foundation): Finding[] {
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
  ]
}
