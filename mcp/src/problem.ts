import type { CallToolResult } from '@modelcontextprotocol/server'

/** What went wrong, in the words of the API where it was the API that refused. */
export type Problem = {
  code: string
  detail: string
  errors?: readonly Issue[]
  [fact: string]: unknown
}
export type Issue = { path: string; code: string; message: string }

/** A refusal that a model can read and learn from. */
export const refuse = (problem: Problem): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: JSON.stringify({ error: problem }) }],
  structuredContent: { error: problem },
})

export const invalid = (errors: readonly Issue[]): CallToolResult =>
  refuse({ code: 'invalid', detail: errors.map(({ path, message }) => `${path}: ${message}`).join('; '), errors })
