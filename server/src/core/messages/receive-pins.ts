import type { Db } from '#kit/db'
import type { HeardRow } from './heard.ts'
import { deletePins, type PinRow, upsertPins } from './pin.store.ts'
import { PIN_SECONDS } from './pin-message.ts'

/** What people pinned, or took down, in the order of their doing; messages that we do not hold stay unpinned. */
export async function receivePins(db: Db, workspaceId: string, rows: readonly HeardRow[]): Promise<void> {
  const last = new Map<string, PinRow | undefined>()
  for (const { content, conversationId, at, targetId: messageId } of rows) {
    if (content.type !== 'pin' || messageId === undefined) continue
    const until = new Date(at.getTime() + (content.seconds ?? PIN_SECONDS) * 1000)
    last.set(messageId, content.pinned ? { conversationId, messageId, pinnedAt: at, until } : undefined)
  }
  const pins = [...last.values()].filter((pin) => pin !== undefined)
  await upsertPins(db, workspaceId, pins)
  await deletePins(
    db,
    workspaceId,
    [...last].filter(([, pin]) => !pin).map(([messageId]) => messageId),
  )
}
