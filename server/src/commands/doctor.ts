import { examine, type Finding, hasOwnNumbers } from '#core/installations'
import { openFoundation } from '../foundation.ts'
import type { Command } from './command.ts'
import { examineMachine } from './examine-machine.ts'
import { examineReach } from './examine-reach.ts'

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  does: 'Look at the database, the channels, the webhooks and the settings, and say what is not as it should be (then it ends with 1)',
  options: {},
  async run({ config }) {
    const foundation = await openFoundation(config, { alone: false })
    try {
      const { database, secretBox, dataDir } = foundation
      const findings = [
        ...(await examine(database.db, secretBox)),
        ...examineMachine(config, { dataDir, ownNumbers: await hasOwnNumbers(database.db) }),
        ...(await examineReach(config)),
      ]
      for (const finding of findings) console.log(words(finding))
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1
    } finally {
      await foundation.close()
    }
  },
}

const words = ({ ok, what, advice }: Finding) => `${ok ? 'ok  ' : 'LOOK'}  ${what}${ok || !advice ? '' : `\n      ${advice}`}`
