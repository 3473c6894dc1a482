import { cancelMessage, type OutgoingMessage, sendMessage } from '#core/messages'
import type { Context } from '#kit/context'
import { invalidField } from '#kit/errors'
import type { Draft } from './draft.wire.ts'
import { fingerprintOf } from './idempotency.ts'
import { checkCaption, textContent } from './prepare-content.ts'

const TEXT_MOST = 4096
const CAPTION_MOST = 1024

/** Letters that the plan's footer takes of every text and caption. */
export async function footerRoom(ctx: Context): Promise<number> {
  const { plan } = await ctx.ports.workspaces.get(ctx.workspaceId)
  return plan.footer ? plan.footer.length + 2 : 0
}

/** Whether WhatsApp shows these words under a file; else they follow it. Throws `invalid` about the field `path` when no message holds them. */
export function fitsCaption(words: string, room: number, path: string): boolean {
  if (words.length + room > TEXT_MOST) throw invalidField(path, `must leave ${room} characters for the plan's footer`, 'too_big')
  return words.length + room <= CAPTION_MOST
}

/** A draft without the words that its caption does not hold, and these words. */
export async function splitWords(ctx: Context, draft: Draft): Promise<{ draft: Draft; words: string | undefined }> {
  if (draft.type !== 'media' || draft.caption === undefined || fitsCaption(draft.caption, await footerRoom(ctx), 'text'))
    return { draft, words: undefined }
  if (draft.kind !== undefined) checkCaption(draft.kind, draft.caption)
  return { draft: { ...draft, caption: undefined }, words: draft.caption }
}

/** Sends words behind their file, once for each file: a repeat of the request brings what is missing. */
export async function sendWords(
  ctx: Context,
  file: OutgoingMessage,
  text: string,
  input: Omit<Parameters<typeof sendMessage>[1], 'content'>,
): Promise<void> {
  const idempotency = { key: `words ${file.id}`, fingerprint: fingerprintOf(text) } // with a space no caller's key is the same
  try {
    await sendMessage(ctx, { ...input, content: textContent(text), follows: file.id, idempotency })
  } catch (error) {
    await cancelMessage(ctx, { messageId: file.id }).catch(() => undefined) // it may have left; the refusal is what the caller must hear
    throw error
  }
}
