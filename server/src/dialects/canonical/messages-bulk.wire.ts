import { z } from 'zod'
import type { OutgoingMessage } from '#core/messages'
import { DomainError } from '#kit/errors'
import { parse } from '#kit/operation'
import type { WireContent } from './content.wire.ts'
import { wordsOf } from './errors.ts'
import { Problem } from './lists.wire.ts'
import { BulkMessage, contentOf, OURS, ShownMessage, showMessage } from './messages.wire.ts'

/** Items are read one by one: a wrong one is refused alone. */
export const BulkBody = z
  .strictObject({ messages: z.array(z.unknown()).min(1).max(1_000).describe('1 to 1,000 messages, each as for POST /v2/messages') })
  .meta({
    example: { messages: [{ to: '+14155550123', text: 'Hello Ana' }] },
  })

export const BulkAnswer = z.object({
  accepted: z.int(),
  refused: z.int(),
  results: z
    .array(
      z.object({
        index: z.int().describe('The place in the request'),
        status: z.enum(['accepted', 'refused']),
        message: ShownMessage.optional(),
        error: Problem.pick({ detail: true, code: true, errors: true }).optional(),
      }),
    )
    .describe('One for each message, in the same order'),
})

type Item = { input: Record<string, unknown> } | { error: DomainError }

/** Reads every item; the files that items bring along are stored one after the other. */
export async function prepareBulk(messages: readonly unknown[], store: (content: WireContent) => Promise<unknown>): Promise<Item[]> {
  const items: Item[] = []
  for (const message of messages) {
    try {
      const { text, content, ...rest } = parse(BulkMessage, message)
      items.push({ input: { ...rest, ...OURS, content: await store(contentOf({ text, content })) } })
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      items.push({ error })
    }
  }
  return items
}

export const rightOnes = (items: readonly Item[]) => items.flatMap((item) => ('input' in item ? [item.input] : []))

type Result = { message: OutgoingMessage } | { error: DomainError }

/** The verb's answers, back in the places of the request. */
export function joinBulk(items: readonly Item[], results: readonly Result[], now: Date) {
  let next = 0
  const shown = items.map((item, index) => {
    const result = 'error' in item ? item : results[next++]
    if (result && 'message' in result) return { index, status: 'accepted' as const, message: showMessage(result.message, now) }
    const { detail, code, errors } = wordsOf(result?.error ?? new DomainError('internal', 'This message was not answered'))
    return { index, status: 'refused' as const, error: { detail, code, errors } }
  })
  const accepted = shown.filter(({ status }) => status === 'accepted').length
  return { accepted, refused: shown.length - accepted, results: shown }
}
