import type { Bubble } from './phone-server.ts'

/** One line for a bubble, with its time in this machine's zone. */
export function bubbleWords({ at, direction, content }: Bubble): string {
  return `${clockOf(at)}  ${direction === 'to_phone' ? '◀' : '▶ you:'} ${wordsOf(content)}`
}

export function reactionWords({ content }: Bubble, emoji: string): string {
  return `${clockOf(new Date().toISOString())}  ◀ ${emoji === '' ? 'took the reaction back' : `reacted ${emoji}`} to: ${wordsOf(content)}`
}

const clockOf = (at: string): string => new Date(at).toLocaleTimeString(undefined, { hour12: false })

type Content = Bubble['content']

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const titles = (value: unknown): string => (Array.isArray(value) ? value.map((one) => text(one?.title ?? one)).join(' | ') : '')
const names = (value: unknown): string => (Array.isArray(value) ? value.map((card) => text(card?.name?.formatted)).join(', ') : '')
const tagged = (tag: string, ...words: readonly string[]): string => [`[${tag}]`, ...words.filter((word) => word !== '')].join(' ')

function wordsOf({ type, ...content }: Content): string {
  if (type === 'text') return text(content.text)
  if (type === 'poll') return tagged(type, text(content.question), titles(content.options))
  if (type === 'contacts') return tagged(type, names(content.contacts))
  if (type === 'interactive') return interactiveWords(content.interactive)
  return tagged(type, text(content.caption), text(content.filename), text(content.name), text(content.title), text(content.emoji))
}

function interactiveWords(interactive: unknown): string {
  const { kind, body, buttons, button, label, sections } = (interactive ?? {}) as Record<string, unknown> // only looked at
  const rows = Array.isArray(sections) ? sections.flatMap((section) => section?.rows ?? []) : []
  return tagged(text(kind), text(body), titles(buttons), text(button), text(label), titles(rows))
}
