import { setTimeout as sleep } from 'node:timers/promises'
import { type DatabaseAddress, isConnectionLoss, openClient } from './db.ts'

/** The right to be the one Chasqui on a data folder; it ends with the process, whatever way that ends. */
export interface DataFolderHold {
  release(): Promise<void>
}

const LOCK = 0x63686f6c // 'chol'
const GRANT_MOST_MS = 500 // a killed predecessor's session may need a moment to notice
const REGAIN_MOST_MS = 120_000
const RETRY_MS = 50
const REGAIN_EVERY_MS = 250

/**
 * Takes the folder for this process, on a connection of its own, and ends the sessions a dead Chasqui left behind. Throws one clear
 * sentence when another process has it: that one goes on using the server, so do not stop it. When the server restarts the lock is taken
 * anew; `lost` is called once should somebody else have been quicker, or the server stay away.
 */
export async function holdDataFolder(address: DatabaseAddress, lost: (why: Error) => void): Promise<DataFolderHold> {
  let released = false
  let client!: Client // set by the first hold
  const hold = async (most: number, every: number) => {
    client = await take(address, most, every)
    if (released) return client.end()
    client.once('end', () => {
      if (!released) hold(REGAIN_MOST_MS, REGAIN_EVERY_MS).catch(lost)
    })
  }
  await hold(GRANT_MOST_MS, RETRY_MS)
  await client.query(END_OLD_SESSIONS)
  return {
    async release() {
      released = true
      await client.end()
    },
  }
}

type Client = ReturnType<typeof openClient>

/** Tries until it has the lock, somebody else has held it for a while, or there was no connection for `most` ms. */
async function take(address: DatabaseAddress, most: number, every: number): Promise<Client> {
  let heldSince: number | undefined
  for (const end = Date.now() + most; ; await sleep(every)) {
    const client = openClient(address)
    client.on('error', () => undefined) // 'end' follows
    try {
      if (await tryLock(client)) return client
      heldSince ??= Date.now()
      if (Date.now() - heldSince >= GRANT_MOST_MS) throw new Error(await whoHolds(client))
    } catch (error) {
      if (!isConnectionLoss(error) || Date.now() > end) {
        await leave(client)
        throw error
      }
    }
    await leave(client)
  }
}

async function tryLock(client: Client): Promise<boolean> {
  await client.connect()
  await client.query(`set application_name = 'chasqui holds its folder, process ${process.pid}'`)
  const { rows } = await client.query<{ ours: boolean }>('select pg_try_advisory_lock($1) as ours', [LOCK])
  return rows[0]?.ours === true
}

const leave = (client: Client): Promise<void> => client.end().catch(() => undefined)

const END_OLD_SESSIONS = `select pg_terminate_backend(pid) from pg_stat_activity
  where pid <> pg_backend_pid() and datname = current_database() and application_name like 'chasqui%'`

const HOLDER = `select substring(a.application_name from 'process ([0-9]+)') as process from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = $1::bigint::oid`

/** Whether some Chasqui is the one on this folder now; false when the server cannot be asked. */
export async function isDataFolderHeld(address: DatabaseAddress): Promise<boolean> {
  const client = openClient(address)
  client.on('error', () => undefined) // the query fails too
  try {
    await client.connect()
    return (await client.query(HOLDER, [LOCK])).rows.length > 0
  } catch {
    return false
  } finally {
    await leave(client)
  }
}

async function whoHolds(client: Client): Promise<string> {
  const { rows } = await client.query<{ process: string | null }>(HOLDER, [LOCK])
  const process = rows[0]?.process
  return `Another Chasqui${process ? ` (process ${process})` : ''} uses this data folder: stop it, or give this one a folder of its own with CHASQUI_DATA_DIR.`
}
