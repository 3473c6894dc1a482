import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import { readHealth } from './examine.store.ts'
import { examineChannels } from './examine-channels.ts'
import { examineEndpoints } from './examine-endpoints.ts'
import { examineSecret } from './examine-secret.ts'
import type { Finding } from './finding.ts'

const CLOCK_OFF_MOST_SECONDS = 5
const POSTGRES_LEAST = 150_000

/** What an operator should know about the database and what lies in it, each with what to do. */
export async function examine(db: Db, box: SecretBox): Promise<Finding[]> {
  return [
    ...(await examineDatabase(db)),
    ...(await examineSecret(db, box)),
    ...(await examineChannels(db)),
    ...(await examineEndpoints(db)),
  ]
}

async function examineDatabase(db: Db): Promise<Finding[]> {
  const health = await readHealth(db)
  const clockOff = Math.abs(health.now.getTime() - Date.now()) / 1000
  return [
    { ok: health.versionNumber >= POSTGRES_LEAST, what: `PostgreSQL ${health.version}`, advice: 'Version 15 or newer is needed.' },
    {
      ok: health.fsync === 'on',
      what: `fsync is ${health.fsync}`,
      advice: 'With fsync off an accepted message may be lost when the machine loses power. Turn it on.',
    },
    {
      ok: health.fullPageWrites === 'on',
      what: `full_page_writes is ${health.fullPageWrites}`,
      advice: 'Turn it on: a torn page would lose what was accepted.',
    },
    {
      ok: health.standbys === 0 || health.synchronousStandbys > 0,
      what:
        health.standbys === 0
          ? 'no standby is connected'
          : `${health.standbys} standbys, ${health.synchronousStandbys} of them synchronous`,
      advice: 'When the primary is lost, so is what only it had: name a synchronous standby in synchronous_standby_names.',
    },
    {
      ok: clockOff < CLOCK_OFF_MOST_SECONDS,
      what: `the database's clock is ${clockOff.toFixed(1)} s from this machine's`,
      advice: 'Let both follow a time server: messages leave by the database’s clock.',
    },
    {
      ok: health.heldSince === null,
      what: health.heldSince ? `on hold since ${health.heldSince.toISOString()}` : 'nothing is held after a restore',
      advice: 'Decide with: npm run chasqui -- resume --send, or --expire.',
    },
    {
      ok: health.rejects === 0,
      what: `${health.rejects} inbound events that could not be read`,
      advice: 'See the table inbound_rejects: each is something a network said that was not understood.',
    },
    {
      ok: health.connectionsFree >= 10,
      what: `${health.connectionsFree} free database connections`,
      advice: 'Each node needs about 18: raise max_connections.',
    },
  ]
}
