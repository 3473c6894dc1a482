import type { Device } from './devices.ts'
import type { Node } from './nodes.wire.ts'
import type { WebState } from './web-state.ts'

/** What the server says to a question. */
export type Answer = {
  content?: Node[]
  error?: { code: number; text: string }
  /** Done when the answer has left. */
  after?: () => void | Promise<void>
}
/** Undefined: this is no question of ours. */
export type Answerer = (state: WebState, device: Device, question: Node) => Answer | Promise<Answer> | undefined

export const ok = (...content: Node[]): Answer => ({ content })
export const refused = (code: number, text: string): Answer => ({ error: { code, text } })
export const NOT_FOUND = refused(404, 'item-not-found')
