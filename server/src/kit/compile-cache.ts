import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/**
 * Keeps what Node makes of our TypeScript and of the packages in `<folder>/cache`: the next start takes half a second of processor time and
 * ten megabytes less. For folders that only we write to: what lies there is run. Call it before anything else is imported.
 */
export function keepCompiled(folder: string): void {
  if (existsSync(folder)) enableCompileCache(join(folder, 'cache'))
}
