import { openChannelDirectory } from '#core/channels'
import { appendEvents } from '#core/events'
import { openKeyRing } from '#core/keys'
import { openAddressBook } from '#core/messages'
import { createOrganization } from '#core/organizations'
import type { Transport } from '#core/transport'
import { openWorkspaceDirectory, type Workspace } from '#core/workspaces'
import type { Actor, Context, Ports } from '#kit/context'
import { openSecretBox } from '#kit/crypto'
import { openFiles } from '#kit/files'
import { openLog } from '#kit/log'
import type { TestDatabase } from './database.ts'

type Wishes = {
  scopes?: readonly string[]
  /** Instead of, or beside, the ports that are there. */
  ports?: Partial<Ports>
  /** A folder for files. */
  dataDir?: string
  requestId?: string
}

const log = openLog('silent')
export const testSecretBox = openSecretBox('a secret of the tests')

/** What a verb needs to run in a workspace: the real database, directories and secret box; no network. */
export function testContext(
  { database, clock }: Pick<TestDatabase, 'database' | 'clock'>,
  workspace: Workspace,
  wishes: Wishes = {},
): Context {
  const { scopes = ['*'], dataDir, requestId = 'req_test' } = wishes
  const actor: Actor = {
    kind: 'system',
    id: undefined,
    organizationId: workspace.organizationId,
    workspaceId: workspace.id,
    environment: workspace.environment,
    scopes,
  }
  const { db } = database
  const events = { append: appendEvents, hint: () => undefined }
  const ports: Partial<Ports> = {
    events,
    addressBook: openAddressBook({ database, events }),
    secretBox: testSecretBox,
    keyRing: openKeyRing({ db, log }),
    channels: openChannelDirectory({ db, secretBox: testSecretBox }),
    workspaces: openWorkspaceDirectory({ db }),
    transports: new Map<Transport['kind'], Transport>(),
    ...(dataDir !== undefined && { files: openFiles({ dataDir }) }),
    ...wishes.ports,
  }
  // a test that needs a port which is not here gives it in its wishes
  return { db, actor, workspaceId: workspace.id, ports: ports as Ports, now: () => clock.now(), requestId, log, transaction: undefined }
}

/** A fresh organization and a context in its live (or test) workspace. */
export async function testWorkspace(
  test: Pick<TestDatabase, 'database' | 'clock'>,
  wishes: Wishes & { environment?: 'live' | 'test'; plan?: string; defaultCountry?: string } = {},
): Promise<{ ctx: Context; workspace: Workspace; live: Workspace; test: Workspace }> {
  const { environment = 'live', plan, defaultCountry, ...more } = wishes
  const made = await createOrganization(test.database.db, {
    name: 'Test',
    ...(plan && { plan }),
    ...(defaultCountry && { defaultCountry }),
  })
  const workspace = made[environment]
  return { ctx: testContext(test, workspace, more), workspace, live: made.live, test: made.test }
}
