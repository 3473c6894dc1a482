import { join } from 'node:path'
import { openChannelDirectory } from '#core/channels'
import { eventsPort, openEventHub } from '#core/events'
import { type Installation, openInstallation } from '#core/installations'
import { openKeyRing } from '#core/keys'
import { openWorkspaceDirectory } from '#core/workspaces'
import { openClock } from '#kit/clock'
import { openSecretBox } from '#kit/crypto'
import { openDataFolder, ownSecret } from '#kit/data-folder'
import { type Database, type DatabaseAddress, databaseTime, openDatabase } from '#kit/db'
import { holdDataFolder, isDataFolderHeld } from '#kit/db-lock'
import { migrate } from '#kit/db-migrate'
import { openFiles } from '#kit/files'
import { type Logger, openLog } from '#kit/log'
import { openPostgres, type PostgresServer } from '#kit/postgres-server'
import type { Config } from './config.ts'

/** What the house and the command line both stand on: the database, the clock, the secrets, the directories. */
export type Foundation = Awaited<ReturnType<typeof openFoundation>>

/** `alone`: this process is the house and holds the data folder; else it is a guest beside a house that may be running. */
export async function openFoundation(config: Config, { alone }: { alone: boolean }) {
  const log = openLog(config.logLevel, config.logFile)
  const place = await openPlace(config, log, alone)
  let database: Database | undefined
  try {
    const migrated = await migrate(place.direct)
    database = openDatabase(place.address, log)
    const opened = database
    const { db, lookups } = opened
    const clock = await openClock(() => databaseTime(db))
    const installation: Installation = await openInstallation(opened, clock.now(), log)
    const secretBox = openSecretBox(place.secret)
    const hub = openEventHub({ database: opened, log })
    return {
      config,
      log,
      database: opened,
      directAddress: place.direct,
      clock,
      installation,
      secretBox,
      hub,
      events: eventsPort(hub),
      keyRing: openKeyRing({ db, log }),
      channels: openChannelDirectory({ db: lookups, secretBox }),
      workspaces: openWorkspaceDirectory({ db: lookups }),
      files: openFiles(config),
      dataDir: place.dataDir,
      postgres: place.postgres,
      /** Migrations that were applied just now. */
      migrated,
      async close() {
        await hub.close()
        clock.close()
        await opened.close()
        await place.close()
      },
    }
  } catch (error) {
    await database?.close()
    await place.close()
    throw error
  }
}

type Place = {
  address: DatabaseAddress
  direct: DatabaseAddress
  secret: string
  dataDir: string
  postgres: PostgresServer | undefined
  close(): Promise<void>
}

/** Where the data lies: a PostgreSQL of ours in the data folder, or the operator's. */
async function openPlace(config: Config, log: Logger, alone: boolean): Promise<Place> {
  const dataDir = openDataFolder(config.dataDir)
  const secret = config.secret ?? ownSecret(join(dataDir, 'secret'))
  if (config.databaseUrl !== undefined) {
    return {
      address: { url: config.databaseUrl },
      direct: { url: config.databaseDirectUrl ?? config.databaseUrl },
      secret,
      dataDir,
      postgres: undefined,
      close: async () => undefined,
    }
  }
  const server = await openPostgres(join(dataDir, 'postgres'), ownSecret(join(dataDir, 'postgres.password')), {
    watch: alone,
    died: (why) =>
      why ? log.fatal({ error: why.message }, 'PostgreSQL is gone and does not start') : log.error('PostgreSQL died and was started again'),
  })
  const lost = (why: Error) => {
    log.fatal({ error: why.message }, 'another process took this data folder')
    process.exit(1)
  }
  const hold = alone ? await holdDataFolder(server.address, lost) : undefined
  // a guest leaves a house its database, also one that came after it
  const stops = async () => alone || (!server.adopted && !(await isDataFolderHeld(server.address)))
  return {
    address: server.address,
    direct: server.address,
    secret,
    dataDir,
    postgres: server,
    async close() {
      await hold?.release()
      if (await stops()) await server.stop()
    },
  }
}
