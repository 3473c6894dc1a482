import { openFoundation } from '../foundation.ts'
import type { Command } from './command.ts'

export const migrateCommand: Command = {
  name: 'migrate',
  usage: 'migrate',
  does: 'Bring the database up to date and end',
  options: {},
  async run({ config }) {
    const foundation = await openFoundation(config, { alone: false }) // opening it migrates
    await foundation.close()
    for (const name of foundation.migrated) console.log(`applied ${name}`)
    console.log('The database is up to date.')
  },
}
