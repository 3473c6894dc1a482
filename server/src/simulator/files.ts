import { randomInt } from 'node:crypto'
import { sha256 } from '#kit/crypto'

/** A file that lies with the network: uploaded by a business or sent by a phone. */
export type NetworkFile = {
  id: string
  bytes: Buffer
  mimeType: string
  filename: string | undefined
  sha256: string
  at: number
  owner: string
}

export interface Files {
  put(file: { bytes: Buffer; mimeType: string; filename?: string | undefined; owner: string }): NetworkFile
  get(id: string): NetworkFile | undefined
  delete(id: string): boolean
}

/** Keeps at most `mostBytes`; the oldest go first. */
export function createFiles(now: () => number, mostBytes: number): Files {
  const files = new Map<string, NetworkFile>()
  let held = 0
  function remove(id: string): boolean {
    held -= files.get(id)?.bytes.length ?? 0
    return files.delete(id)
  }
  return {
    put({ bytes, mimeType, filename, owner }) {
      const id = `${now()}${randomInt(100_000, 1_000_000)}`
      const file = { id, bytes, mimeType, filename, owner, sha256: sha256(bytes).toString('hex'), at: now() }
      files.set(id, file)
      held += bytes.length
      for (const oldest of files.keys()) {
        if (held <= mostBytes || oldest === id) break
        remove(oldest)
      }
      return file
    },
    get: (id) => files.get(id),
    delete: remove,
  }
}
