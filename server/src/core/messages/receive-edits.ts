import type { Db } from '#kit/db'
import type { Deed } from './heard.ts'
import { lockTargets, writeEdit } from './receive-edits.store.ts'

/** Texts and captions that their writers changed have their new words from now on; each edit keeps the words before it. */
export async function receiveEdits(db: Db, workspaceId: string, deeds: readonly Deed[]): Promise<void> {
  const edits = deeds.flatMap(({ id, content, at, targetId: messageId }) => {
    const text = content.type === 'edit' ? textOf(content.content) : undefined
    return messageId === undefined || text === undefined ? [] : [{ id, messageId, text, at }]
  })
  if (edits.length === 0) return
  await lockTargets(
    db,
    workspaceId,
    edits.map(({ messageId }) => messageId),
  )
  for (const edit of edits) await writeEdit(db, workspaceId, edit) // in their order: two may be of one message
}

function textOf(content: unknown): string | undefined {
  const said = content as { text?: unknown; caption?: unknown } | null | undefined // whatever the network sent
  const words = said?.text ?? said?.caption
  return typeof words === 'string' ? words : undefined
}
