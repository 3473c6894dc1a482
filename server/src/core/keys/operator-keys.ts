import { type Db, inTransaction } from '#kit/db'
import { notFound } from '#kit/errors'
import { findKeyWorkspace, selectKeys, updateRevoked } from './key.store.ts'
import type { Key } from './key.ts'

const SHOWN_MOST = 1_000

/** All keys of a workspace, newest first: for the command line, which is the operator. */
export const listKeysAsOperator = (db: Db, workspaceId: string): Promise<Key[]> =>
  selectKeys(db, workspaceId, { limit: SHOWN_MOST, before: undefined })

/** Refuses a key of any workspace from now on, on all nodes. Throws `not_found`. */
export async function revokeKeyAsOperator(db: Db, keyId: string): Promise<Key> {
  const revoked = await inTransaction(db, {}, async (tx) => {
    const workspaceId = await findKeyWorkspace(tx, keyId)
    return workspaceId === undefined ? undefined : updateRevoked(tx, workspaceId, keyId)
  })
  if (!revoked) throw notFound('key')
  return revoked.key
}
