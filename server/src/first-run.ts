import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Channel, createChannel } from '#core/channels'
import { claimFirstRun } from '#core/installations'
import { issueKey, type KeyStyle } from '#core/keys'
import { createOrganization } from '#core/organizations'
import type { Context, Transaction } from '#kit/context'
import { type Db, inTransaction } from '#kit/db'
import { typeId } from '#kit/ids'
import type { Foundation } from './foundation.ts'

/** What a newcomer needs for the first request; also in <data folder>/first-run.json. */
export type FirstRun = {
  url: string
  keys: Record<FirstKey, string>
  live: { keys: Record<FirstKey, string> }
  channels: {
    ownNumber: { id: string; number: string }
    cloud: { id: string; number: string; phoneNumberId: string; whatsappBotId: number; wabaId: string }
  }
}
type FirstKey = (typeof FIRST_KEYS)[number]
const FIRST_KEYS = ['canonical', 'blueticks', 'bluetick', 'blasty', 'wabotick'] as const satisfies readonly KeyStyle[]

export const FIRST_RUN_FILE = 'first-run.json'

type ContextOf = (workspace: { id: string; organizationId: string; environment: 'live' | 'test' }) => Context

/** Once in an installation's life: an organization with its two workspaces, the two simulated channels, a key for each product's door. */
export async function prepareFirstRun({ database, dataDir, events }: Foundation, contextOf: ContextOf, url: string): Promise<void> {
  await inTransaction(database.db, {}, async (db) => {
    if (!(await claimFirstRun(db))) return moveTo(join(dataDir, FIRST_RUN_FILE), url)
    const { live, test } = await createOrganization(db, { name: 'My organization' })
    const transaction: Transaction = { events: [], afterCommit: [] }
    const ctx: Context = { ...contextOf(test), db, transaction }
    const ownNumber = await createChannel(ctx, { kind: 'sandbox', persona: 'own_number' })
    const cloud = await createChannel(ctx, { kind: 'sandbox', persona: 'cloud' })
    const firstRun: FirstRun = {
      url,
      keys: await issueKeys(db, test.id),
      live: { keys: await issueKeys(db, live.id) },
      channels: { ownNumber: { id: typeId('cha', ownNumber.id), number: ownNumber.phone }, cloud: cloudOf(cloud) },
    }
    // before the commit: a file without its rows is written anew, rows without their file would be keys that nobody knows
    writeFirstRun(join(dataDir, FIRST_RUN_FILE), firstRun)
    events.append(db, transaction.events)
  })
}

/** In one step: a reader, or a start after a crash, finds the old file or the new one. */
function writeFirstRun(file: string, firstRun: FirstRun): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(firstRun, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** The house may listen elsewhere than on its first day. An operator may have removed the file: then it stays away. */
function moveTo(file: string, url: string): void {
  if (!existsSync(file)) return
  const firstRun: FirstRun = JSON.parse(readFileSync(file, 'utf8'))
  if (firstRun.url !== url) writeFirstRun(file, { ...firstRun, url })
}

async function issueKeys(db: Db, workspaceId: string): Promise<Record<FirstKey, string>> {
  const keys: [FirstKey, string][] = []
  for (const style of FIRST_KEYS) keys.push([style, (await issueKey(db, { workspaceId, name: `first run, ${style}`, style })).secret])
  return Object.fromEntries(keys) as Record<FirstKey, string> // one pair for each of FIRST_KEYS
}

const cloudOf = (channel: Channel): FirstRun['channels']['cloud'] => ({
  id: typeId('cha', channel.id),
  number: channel.phone,
  phoneNumberId: channel.remoteId ?? '',
  whatsappBotId: channel.number,
  wabaId: channel.accountId ?? '',
})
