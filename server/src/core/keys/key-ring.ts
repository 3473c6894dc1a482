import { type Cache, createCache } from '#kit/cache'
import type { Actor } from '#kit/context'
import type { Db } from '#kit/db'
import type { Logger } from '#kit/log'
import { selectActor, touchKeys } from './key.store.ts'
import { describeSecret, hashSecret } from './mint-secret.ts'

/** From a key to who asks. */
export interface KeyRing {
  /** undefined: nobody's key, or revoked. */
  resolve(secret: string): Promise<Actor | undefined>
  /** Looks the key up again at its next use; `hash` in hex. Called by a revocation here and on NOTIFY `key:<hash>`. */
  forget(hash: string): void
  /** Writes the last uses that are not yet written. */
  close(): Promise<void>
}

declare module '#kit/context' {
  interface Ports {
    keyRing: Pick<KeyRing, 'forget'>
  }
}

const KEYS_MOST = 10_000
/** A revocation is seen elsewhere within 2 s even when nobody tells; half a second is for the look itself. */
const AGE_MS = 1_500
const WRITE_USES_AFTER_MS = 1_000
const SECRET_MOST = 256

/** `db` is the owner's: a key is looked for before anybody knows whose it is. */
export function openKeyRing({ db, log }: { db: Db; log: Logger }): KeyRing {
  const known: Cache<Actor> = createCache({ most: KEYS_MOST, ageMs: AGE_MS })
  const looking = new Map<string, Promise<Actor | undefined>>()
  const uses = createUses(db, log)

  const look = async (hash: Buffer): Promise<Actor | undefined> => {
    const found = await selectActor(db, hash)
    if (found?.stale) uses.note(found.actor.id)
    return found?.actor
  }

  /** Requests with one key share one look; whoever comes after a forget() starts another. */
  const share = (name: string, hash: Buffer): Promise<Actor | undefined> => {
    const begun = looking.get(name)
    if (begun) return begun
    const mine = look(hash).then(
      (actor) => {
        if (looking.get(name) === mine && looking.delete(name) && actor) known.set(name, actor)
        return actor
      },
      (error: unknown) => {
        if (looking.get(name) === mine) looking.delete(name)
        throw error
      },
    )
    looking.set(name, mine)
    return mine
  }

  return {
    async resolve(secret) {
      if (secret.length > SECRET_MOST || !describeSecret(secret)) return undefined
      const hash = hashSecret(secret)
      const name = hash.toString('hex')
      return known.get(name) ?? share(name, hash)
    },
    forget(hash) {
      known.delete(hash)
      looking.delete(hash)
    },
    close: uses.close,
  }
}

/** Last uses, gathered and written together. */
function createUses(db: Db, log: Logger) {
  let pending = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let writing = Promise.resolve()
  const write = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const ids = [...pending]
    pending = new Set()
    if (ids.length > 0) writing = Promise.all([writing, touchKeys(db, ids)]).then(noAnswer, wasNotWritten)
    return writing
  }
  const wasNotWritten = (error: Error) => log.warn({ error: error.message }, 'the last use of keys was not written')
  return {
    note(keyId: string) {
      pending.add(keyId)
      timer ??= setTimeout(() => void write(), WRITE_USES_AFTER_MS).unref()
    },
    close: write,
  }
}

const noAnswer = (): void => undefined
