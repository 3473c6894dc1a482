import { runCommand } from './commands/index.ts'

await runCommand(process.argv.slice(2))
