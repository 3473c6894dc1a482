import { keepCompiled } from '#kit/compile-cache'
import { openDataFolder } from '#kit/data-folder'
import { dataDirOf } from './config.ts'

try {
  keepCompiled(openDataFolder(dataDirOf(process.env)))
} catch {
  // the house opens it again and says what is wrong
}
const { runCommand } = await import('./commands/index.ts')
await runCommand(['serve'])
