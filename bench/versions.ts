import { readFileSync } from 'node:fs'

/** What is installed, by the package's own word. */
export function findPackageVersion(name: string): string {
  try {
    const { version } = JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')) as {
      version: string
    } // every package has one
    return version
  } catch {
    return 'unknown'
  }
}
