import { randomBytes } from 'node:crypto'
import { child, type Node, node } from './nodes.wire.ts'
import type { Session } from './web-state.ts'

/** Calls are links, or rejected: nobody here talks. */
export function answerCall({ connection }: Session, { attrs, ...call }: Node): void {
  const link = child({ attrs, ...call }, 'link_create')
  const made = link && [node('link_create', { token: randomBytes(16).toString('base64url'), media: link.attrs.media })]
  connection.send(node('ack', { class: 'call', id: attrs.id, from: attrs.to, type: link ? 'link_create' : 'reject' }, made))
}
