import { examine } from '#core/installations'
import { openFoundation } from '../foundation.ts'
import type { Command } from './command.ts'

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  does: 'Look at the database and the settings, and say what is not as it should be',
  options: {},
  async run({ config }) {
    const foundation = await openFoundation(config, { alone: false })
    try {
      const findings = await examine(foundation.database.db)
      for (const { ok, what, advice } of findings)
        console.log(`${ok ? 'ok  ' : 'LOOK'}  ${what}${ok || !advice ? '' : `\n      ${advice}`}`)
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1
    } finally {
      await foundation.close()
    }
  },
}
