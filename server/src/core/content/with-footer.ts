import type { InboundContent } from './content.ts'

/** The plan's words under a text or caption; not part of what is stored. */
export function withFooter<Said extends InboundContent>(content: Said, footer: string | undefined): Said {
  if (!footer) return content
  if (content.type === 'text') return { ...content, text: `${content.text}\n\n${footer}` }
  if (content.type === 'image' || content.type === 'video' || content.type === 'document') {
    return { ...content, caption: content.caption ? `${content.caption}\n\n${footer}` : footer }
  }
  return content
}
