import { holdInstallation } from '#core/installations'
import { openFoundation } from '../foundation.ts'
import type { Command } from './command.ts'

export const hold: Command = {
  name: 'hold',
  usage: 'hold',
  does: 'Before the first start of a copied data folder: hold what is due until `resume` decides',
  options: {},
  async run({ config }) {
    const foundation = await openFoundation(config, { alone: true })
    try {
      const { database, clock } = foundation
      const count = await holdInstallation(database, clock.now())
      console.log(`Messages on hold: ${count}. New ones will flow; decide with: npm run chasqui -- resume --send | --expire`)
    } finally {
      await foundation.close()
    }
  },
}
