import { type Content, type InboundContent, withFooter } from '#core/content'
import type { Outgoing } from '#core/transport'
import { callbackDataOf } from './settle-messages.ts'

/** As much of a message as goes to the wire. */
export type Leaving = {
  id: string
  address: string
  content: Content
  facts: Readonly<Record<string, unknown>> | null
  targetWireId: string | null
  /** What it replies or reacts to, where we hold that. */
  target: { fromMe: boolean; author: string | null; content: InboundContent } | null
}

type Going = Pick<Outgoing, 'attempt' | 'media' | 'wireId'> & { footer: string | undefined; installationId: string }

/** A message as a road takes it: the same each time that it is sent. */
export function toOutgoing(row: Leaving, { footer, installationId, ...going }: Going): Outgoing {
  const linkPreview = row.facts?.linkPreview as Outgoing['linkPreview'] // written when the page was read
  return {
    ...going,
    messageId: row.id,
    to: row.address,
    content: withFooter(row.content, footer),
    targetWireId: row.targetWireId ?? undefined,
    ...(linkPreview && { linkPreview }),
    ...(row.target && { target: { ...row.target, author: row.target.author ?? undefined } }),
    callbackData: callbackDataOf(installationId, row.id, going.attempt),
  }
}
