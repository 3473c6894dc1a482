import { runHouse } from '../house.ts'
import type { Command } from './command.ts'

export const serve: Command = {
  name: 'serve',
  usage: 'serve',
  does: 'Run the platform (what npm start does)',
  options: {},
  run: ({ config }) => runHouse(config),
}
