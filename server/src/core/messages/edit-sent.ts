import { type InboundContent, reword, withFooter, wordsOf } from '#core/content'
import type { Context } from '#kit/context'
import { DomainError, invalidField } from '#kit/errors'
import { newId } from '#kit/ids'
import { checkWords } from './check-content.ts'
import type { MessageEdit } from './edit-waiting.ts'
import { withoutPreview } from './link-previews.ts'
import type { OutgoingMessage } from './message.ts'
import { askNetwork, reachMessage } from './reach-message.ts'
import { requireChangeable } from './require-changeable.ts'
import { wireIdOf } from './wire-id-of.ts'
import { writeDeed } from './write-deed.ts'

const MINUTES = 15

/** New words for a message that has left: the network is asked, then they are kept. The words that it has already are asked of nobody. */
export async function editSent(ctx: Context, message: OutgoingMessage, edit: MessageEdit): Promise<OutgoingMessage> {
  requireChangeable(ctx, message, { done: 'edited', seconds: MINUTES * 60, within: `${MINUTES} minutes` })
  const words = wordsAsked(message, edit)
  const content = reword(message.content, words)
  if (!content) throw new DomainError('conflict', `A message of type ${message.content.type} has no words that could be changed`)
  if (wordsOf(message.content) === words) return message
  const { channel, transport, place } = await reachMessage(ctx, message)
  const capabilities = transport.capabilities(channel)
  if (!transport.edit || !capabilities.edits) throw new DomainError('unsupported', 'This channel cannot change what was sent')
  const { plan } = await ctx.ports.workspaces.get(ctx.workspaceId)
  checkWords(content, capabilities, plan.footer)
  const id = newId()
  const asked = { ...place, deedWireId: wireIdOf(id), content: withFooter(content, plan.footer) }
  await askNetwork(ctx, message.id, async () => transport.edit?.(channel, asked))
  const said: InboundContent = { type: 'edit', wireId: place.wireId, content: { type: 'text', text: words } }
  const editedAt = await writeDeed(ctx, message, { id, content: said, event: 'message.edited' })
  return { ...message, content, editedAt, facts: withoutPreview(message.facts) }
}

/** Throws unless words are all that is to change. */
function wordsAsked({ state }: OutgoingMessage, { content, sendAt, tag, replyTo }: MessageEdit): string {
  if (sendAt ?? tag ?? replyTo !== undefined)
    throw new DomainError('conflict', `Of a ${state} message only the words can be changed`, { facts: { state } })
  if (content?.type !== 'text') throw invalidField('content', 'of a message that has left only the words can be changed: give text')
  return content.text
}
