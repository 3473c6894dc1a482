import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'

/** Where files rest. Keys are ours: letters, digits, dashes and slashes. */
export interface FileStore {
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Rejects when there is no such file. */
  get(key: string): Promise<Buffer>
  stream(key: string): Promise<Readable>
  /** No error when there is no such file. */
  delete(key: string): Promise<void>
}

/** Files in a folder of the data folder. */
export function openFiles({ dataDir }: { dataDir: string }): FileStore {
  const disk = new Disk(new FSDriver({ location: resolve(dataDir, 'files'), visibility: 'private' }))
  return {
    put: (key, bytes) => disk.put(key, bytes),
    get: async (key) => Buffer.from(await disk.getBytes(key)),
    stream: (key) => disk.getStream(key),
    delete: (key) => disk.delete(key),
  }
}
