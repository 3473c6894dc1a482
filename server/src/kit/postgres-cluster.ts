import { spawnSync } from 'node:child_process'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './postgres-binaries.ts'
import { asIdentity, type Identity } from './postgres-identity.ts'
import { HERE } from './postgres-lock.ts'

/** The superuser of every embedded cluster, and so the owner of our tables. */
export const SUPERUSER = 'chasqui'

/** One embedded PostgreSQL on disk: `home` is ours, `cluster` inside it belongs to whoever runs the server. */
export type Place = { home: string; cluster: string; log: string; binaries: Binaries; who: Identity | undefined }

/** Makes the cluster unless it is there. It appears whole, by a rename; a start killed half-way leaves a draft that the next one clears. */
export function ensureCluster(place: Place, password: string, durable: boolean): void {
  const made = join(place.cluster, 'PG_VERSION')
  if (!existsSync(made)) createCluster(place, password, durable)
  const version = readFileSync(made, 'utf8').trim()
  if (version !== place.binaries.major) {
    throw new Error(
      `${place.cluster} was written by PostgreSQL ${version} and this Chasqui brings ${place.binaries.major}: go back to the Chasqui that wrote it, back up, and restore here.`,
    )
  }
}

function createCluster(place: Place, password: string, durable: boolean): void {
  clearDrafts(place)
  const draft = `${place.cluster}.${process.pid}`
  const secret = `${draft}.password`
  mkdirSync(draft, { mode: 0o700 })
  writeFileSync(secret, password, { mode: 0o600 })
  try {
    if (place.who) for (const path of [draft, secret]) chownSync(path, place.who.uid, place.who.gid)
    const { status, stderr, error } = initdb(place, draft, secret, durable)
    if (status !== 0)
      throw new Error(`The database could not be made in ${place.home}: ${(stderr || error?.message || 'initdb failed').trim()}`)
    moveIntoPlace(draft, place.cluster)
  } finally {
    rmSync(secret, { force: true })
    rmSync(draft, { recursive: true, force: true })
  }
}

function initdb({ binaries, who }: Place, draft: string, secret: string, durable: boolean) {
  const password = openSync(secret, 'r')
  const flags = ['-D', HERE, '-U', SUPERUSER, '--pwfile=/dev/fd/3', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C']
  const more = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions', ...(durable ? [] : ['--no-sync'])]
  try {
    return spawnSync(join(binaries.folder, 'initdb'), [...flags, ...more], {
      ...asIdentity(who),
      cwd: draft,
      env: { LC_ALL: 'C' },
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe', password], // by handle: the user it runs as may not walk to the file
    })
  } finally {
    closeSync(password)
  }
}

function moveIntoPlace(draft: string, cluster: string): void {
  try {
    renameSync(draft, cluster)
  } catch (error) {
    if (existsSync(join(cluster, 'PG_VERSION'))) return // two starts raced and the other one won
    throw new Error(
      `${cluster} holds something that is no database (${(error as Error).message}): move it away, or set CHASQUI_DATA_DIR to another folder.`,
    )
  }
}

/** Drafts of starts that were killed; those of living processes are left alone. */
function clearDrafts({ home }: Place): void {
  for (const name of readdirSync(home)) {
    const pid = Number(/^cluster\.(\d+)(\.password)?$/.exec(name)?.[1] ?? 0)
    if (pid > 0 && (pid === process.pid || !lives(pid))) rmSync(join(home, name), { recursive: true, force: true })
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
