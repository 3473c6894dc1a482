import type { InboundContent } from './content.ts'

/** The same with other words: a text, or the caption of a file. undefined: it has no words of its own. */
export function reword(content: InboundContent, words: string): InboundContent | undefined {
  if (content.type === 'text') return { ...content, text: words }
  if (content.type === 'image' || content.type === 'video' || content.type === 'document') return { ...content, caption: words }
  return undefined
}

/** What a text or a caption says. */
export function wordsOf(content: InboundContent): string | undefined {
  if (content.type === 'text') return content.text
  return 'caption' in content ? content.caption : undefined
}
