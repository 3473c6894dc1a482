import { randomUUID } from 'node:crypto'
import type { AuthenticationState, SignalDataSet, SignalDataTypeMap } from 'baileys'
import type { SessionRef } from '#core/channels'
import { type Cache, createCache } from '#kit/cache'
import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import { type DeviceCache, openDeviceCache } from './device-cache.ts'
import type { Baileys } from './library.ts'
import { persist } from './persist.ts'
import { deleteKeys, type KeyRow, selectKeys, writeKeys } from './session-keys.store.ts'

/** The identity of a linked device, its keys and its ratchets, sealed in the database. */
export interface AuthState {
  readonly state: AuthenticationState
  /** The devices of people written to: a restart need not ask for them all again. */
  readonly devices: DeviceCache
  /** Whether a phone has linked this identity. */
  readonly isPaired: boolean
  /** Writes the identity as it is now; resolves when it rests. The database may be away for a moment. */
  save(): Promise<void>
  /** Takes nothing more: the library goes on for a moment when its connection has ended. Resolves when what was begun rests. */
  end(): Promise<void>
}

export type AuthParts = { db: Db; secretBox: SecretBox; baileys: Baileys; session: SessionRef; keyCache: KeyCache }

/** Another process holds the session, or a person has ended it: nothing of ours counts any more. */
export class SessionLost extends Error {
  constructor() {
    super('this session is over')
  }
}
export const isLost = (error: unknown): boolean => error instanceof SessionLost

/** What was sealed does not open: another secret, or it was changed. */
export class UnreadableKeys extends Error {}

/** Keys that were read or written lately, of all sessions of a process; an undefined value: looked for, and not there. */
export type KeyCache = Cache<{ value: unknown }>
export const openKeyCache = (): KeyCache => createCache({ most: REMEMBERED_MOST, ageMs: REMEMBERED_MS })

const SAVING = { tries: 8, everyMs: 250, unless: isLost }
const IDENTITY = { type: 'creds', id: '' }
/** Sessions and devices are asked for again with each message to the same person; the rest is rarely read twice, or changed in place by the library. */
const REMEMBERED = new Set(['session', 'device-list', 'lid-mapping', 'sender-key', 'tctoken'])
const REMEMBERED_MOST = 20_000
const REMEMBERED_MS = 10 * 60_000
/** Under it the library keeps the list of those it has a token for. */
const TOKEN_INDEX = '__index'

/** Opens the kept identity, or a new one when none was linked. */
export async function openAuthState({ db, secretBox, baileys, session, keyCache }: AuthParts): Promise<AuthState> {
  const words = openWords(secretBox, baileys)
  const [kept] = await selectKeys(db, session, IDENTITY.type, [IDENTITY.id])
  const known = kept && words.open(kept)
  // an identity that no phone has signed is of no use: the next linking begins with a new one
  const creds: AuthenticationState['creds'] = known?.account ? known : baileys.initAuthCreds()
  const write = async (rows: KeyRow[], gone: { type: string; id: string }[]) => {
    if (ended) throw new SessionLost()
    const writing = writeKeys(db, session, rows, gone)
    begun.add(writing)
    const isOurs = await writing.finally(() => begun.delete(writing))
    if (!isOurs) throw new SessionLost()
  }
  const begun = new Set<Promise<unknown>>()
  let ended = false
  let saving: Promise<void> = Promise.resolve()
  const keys = openKeys({ db, session, words, write, keyCache })
  return {
    state: { creds, keys },
    devices: openDeviceCache(keys),
    get isPaired() {
      return creds.account != null
    },
    save() {
      saving = saving.catch(() => undefined).then(() => persist(() => write([words.seal(IDENTITY, creds)], []), SAVING))
      return saving
    },
    async end() {
      await saving.catch(() => undefined)
      ended = true
      await Promise.allSettled(begun)
    },
  }
}

/** Forgets the identity and all its keys; false when another process holds the session. */
export const forgetAuthState = (db: Db, session: SessionRef): Promise<boolean> => deleteKeys(db, session)

type Words = ReturnType<typeof openWords>

/** How a value of the library rests: its own JSON, sealed. */
function openWords(secretBox: SecretBox, { BufferJSON, proto }: Baileys) {
  return {
    seal: ({ type, id }: { type: string; id: string }, value: unknown): KeyRow => ({
      type,
      id,
      value: secretBox.seal(JSON.stringify(value, BufferJSON.replacer)),
    }),
    // biome-ignore lint/suspicious/noExplicitAny: the library's own shapes, one for each type; what was sealed here is what comes back
    open({ type, value }: KeyRow): any {
      let text: string
      try {
        text = secretBox.open(value)
      } catch {
        throw new UnreadableKeys('the keys of this number were sealed with another CHASQUI_SECRET')
      }
      const read = JSON.parse(text, BufferJSON.reviver)
      return type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(read) : read
    },
  }
}

type KeyParts = {
  db: Db
  session: SessionRef
  words: Words
  keyCache: KeyCache
  write(rows: KeyRow[], gone: { type: string; id: string }[]): Promise<void>
}

function openKeys({ db, session, words, write, keyCache }: KeyParts): AuthenticationState['keys'] {
  const opening = randomUUID() // what an opening of before remembers counts no more
  const nameOf = (type: string, id: string) => `${opening} ${type} ${id}`
  const remember = (type: string, id: string, value: unknown) => {
    if (REMEMBERED.has(type)) keyCache.set(nameOf(type, id), { value })
  }
  return {
    async get<Type extends keyof SignalDataTypeMap>(type: Type, ids: string[]) {
      const found: { [id: string]: SignalDataTypeMap[Type] } = {}
      const missing: string[] = []
      for (const id of ids) {
        const hit = keyCache.get(nameOf(type, id))
        if (!hit) missing.push(id)
        else if (hit.value !== undefined) found[id] = hit.value as SignalDataTypeMap[Type] // remembered under its own type
      }
      if (missing.length === 0) return found
      const rows = new Map((await selectKeys(db, session, type, missing)).map((row) => [row.id, row]))
      for (const id of missing) {
        const row = rows.get(id)
        const value = row && words.open(row)
        const written = keyCache.get(nameOf(type, id)) // while we were reading
        if (!written) remember(type, id, type === 'tctoken' && id !== TOKEN_INDEX ? withIssue(value) : value)
        const known = written ? written.value : value
        if (known !== undefined) found[id] = known
      }
      return found
    },
    async set(data: SignalDataSet) {
      const rows: KeyRow[] = []
      const gone: { type: string; id: string }[] = []
      for (const [type, values] of Object.entries(data)) {
        for (const [id, value] of Object.entries(values ?? {})) {
          if (value === null || value === undefined) gone.push({ type, id })
          else rows.push(words.seal({ type, id }, value))
        }
      }
      await write(rows, gone)
      for (const [type, values] of Object.entries(data))
        for (const [id, value] of Object.entries(values ?? {})) remember(type, id, value ?? undefined)
    },
  }
}

/**
 * Trust in a person is told after the first message to them, and not again for a week. The library notes that it told it in a transaction that is
 * over by then, so that the note is lost and every further message would tell it anew: from the second look on it finds the note here.
 */
function withIssue(kept: unknown): SignalDataTypeMap['tctoken'] {
  return { token: Buffer.alloc(0), senderTimestamp: Math.floor(Date.now() / 1000), ...(kept as Partial<SignalDataTypeMap['tctoken']>) } // remembered under its own type
}
