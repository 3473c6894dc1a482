import { runCommand } from './commands/index.ts'

await runCommand(['serve'])
