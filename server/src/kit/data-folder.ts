import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** The data folder's full path; it is made when it is not there. Throws one clear sentence when it cannot be written to. */
export function openDataFolder(folder: string): string {
  const path = resolve(folder)
  try {
    makeFolder(path)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException // node:fs throws nothing else
    const why = WORDS[code ?? ''] ?? message
    throw new Error(`The data folder ${path} cannot be used: ${why}. Choose another with CHASQUI_DATA_DIR.`)
  }
  return path
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'that file system is read-only',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'there is a file of that name',
  ENOENT: 'no folder can be made there',
}

/** Not by { recursive: true }: Node never comes back from that under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    accessSync(`${path}/.`)
    return
  }
  makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

/** A secret of this data folder, made once: whole or not at all, and the same for two processes that make it at the same time. */
export function ownSecret(file: string): string {
  if (!existsSync(file)) {
    const fresh = `${file}.${process.pid}`
    writeFileSync(fresh, randomBytes(32).toString('base64url'), { mode: 0o600 })
    try {
      linkSync(fresh, file)
    } catch (error) {
      // some file systems have no links
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') renameSync(fresh, file)
    } finally {
      rmSync(fresh, { force: true })
    }
  }
  return readFileSync(file, 'utf8').trim()
}
