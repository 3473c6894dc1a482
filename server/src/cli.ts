import { parseArgs } from 'node:util'
import { commands, usage } from './commands/index.ts'
import { readConfig } from './config.ts'

const [name = 'help', ...rest] = process.argv.slice(2)
const command = commands.find((one) => one.name === name)

if (!command) {
  console.error(usage())
  process.exit(name === 'help' || name === '--help' ? 0 : 2)
}
try {
  const { values, positionals } = parseArgs({ args: rest, options: command.options, allowPositionals: true })
  await command.run({ config: readConfig(process.env), values, positionals })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
