import type { InboundContent } from '#core/content'
import { DomainError, invalidField } from '#kit/errors'
import type { Bubble } from './chats.ts'

type Template = Extract<InboundContent, { type: 'template' }>

/** What a phone says when a button or a row of this bubble is pressed. */
export function pressed({ content }: Bubble, id: string): InboundContent {
  if (content.type === 'template') return { type: 'reply', kind: 'quick_reply', ...quickReply(content, id) }
  if (content.type !== 'interactive') throw new DomainError('conflict', 'This message has nothing to press')
  const { interactive } = content
  if (interactive.kind === 'cta') throw new DomainError('conflict', 'A link opens a page and answers nothing')
  if (interactive.kind === 'buttons') {
    const button = interactive.buttons.find((one) => one.id === id)
    if (!button) throw invalidField('id', 'This message has no such button')
    return { type: 'reply', kind: 'button', ...button }
  }
  const row = interactive.sections.flatMap(({ rows }) => rows).find((one) => one.id === id)
  if (!row) throw invalidField('id', 'This message has no such row')
  const { description, ...rest } = row
  return { type: 'reply', kind: 'list', ...rest, ...(description !== undefined && { description }) }
}

/** The button's payload as it was sent with the template; its title is known to the template only. */
function quickReply({ components }: Template, place: string): { title: string; payload: unknown } {
  const button = components.find(
    (part) =>
      String(part.type).toLowerCase() === 'button' && String(part.sub_type).toLowerCase() === 'quick_reply' && String(part.index) === place,
  )
  const [parameter] = Array.isArray(button?.parameters) ? button.parameters : []
  const payload: unknown = parameter?.payload
  const words = typeof payload === 'string' ? payload : `Button ${place}`
  return { title: words, payload: words }
}
