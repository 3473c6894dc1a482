import type { Db } from '#kit/db'
import { findForged } from './deed-rights.store.ts'
import { deedTarget, type HeardRow } from './heard.ts'
import { receiveEdits } from './receive-edits.ts'
import { receiveRevocations } from './receive-revocations.ts'
import { dropWaiting, findWaiting, keepWaiting } from './wire-ids.store.ts'

type Channel = { workspaceId: string; id: string }

const KINDS = ['edit', 'revoke'] as const

/** Under what an edit or a revocation waits for its message: in its conversation, from its writer. No network's id has a space in it. */
const placeOf = (kind: (typeof KINDS)[number], wireId: string, { conversationId, direction, contactId }: HeardRow): string =>
  `${wireId} ${kind} ${conversationId} ${direction} ${contactId ?? ''}`

/** A message that had to be asked for again comes after what was done to it: that is noted, and done when the message is here. */
export async function meetLateTargets(db: Db, channel: Channel, rows: readonly HeardRow[]): Promise<void> {
  const early = new Map<string, string>()
  for (const row of rows) {
    const { type } = row.content
    const wireId = row.targetId === undefined && !row.isAstray ? deedTarget(row.content) : undefined
    if (wireId !== undefined && (type === 'edit' || type === 'revoke')) early.set(placeOf(type, wireId, row), row.id)
  }
  if (early.size > 0) await keepWaiting(db, channel, early)
  const places = new Map(
    rows
      .filter(({ content }) => deedTarget(content) === undefined)
      .flatMap((row) => KINDS.map((kind) => [placeOf(kind, row.wireId, row), row.id] as const)),
  )
  const waiting = places.size > 0 ? await findWaiting(db, channel, [...places.keys()]) : []
  if (waiting.length > 0) await catchUp(db, channel, { waiting, places })
}

type Met = { waiting: Awaited<ReturnType<typeof findWaiting>>; places: ReadonlyMap<string, string> }

async function catchUp(db: Db, channel: Channel, { waiting, places }: Met): Promise<void> {
  const deeds = waiting.flatMap(({ place, ...deed }) => ({ ...deed, targetId: places.get(place) ?? '' }))
  const claims = deeds.map(({ id, targetId, content }) => ({ id, messageId: targetId, isRevoke: content.type === 'revoke' }))
  const forged = await findForged(db, channel.workspaceId, claims)
  const rightful = deeds.filter(({ id }) => !forged.has(id))
  await receiveEdits(db, channel.workspaceId, rightful)
  await receiveRevocations(db, channel.workspaceId, rightful)
  await dropWaiting(
    db,
    channel,
    waiting.map(({ place }) => place),
  )
}
