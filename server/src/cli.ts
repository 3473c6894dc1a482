import { keepCompiled } from '#kit/compile-cache'
import { dataDirOf } from './config.ts'

keepCompiled(dataDirOf(process.env))
const { runCommand } = await import('./commands/index.ts')
await runCommand(process.argv.slice(2))
