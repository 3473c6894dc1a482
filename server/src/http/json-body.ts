import type { FastifyInstance } from 'fastify'
import { DomainError } from '#kit/errors'

export const DEPTH_MOST = 64
export const ARRAY_MOST = 10_000
export const BODY_MOST = 1024 * 1024

/** JSON is the only body that every door takes; it is bounded in depth and width, and every text in it can be stored. */
export function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined)
    parse(request, body as string, (error, value) => {
      if (error) return done(new DomainError('malformed', 'The body is not JSON'))
      const wrong = findWrong(value, 1)
      if (wrong) return done(new DomainError('invalid', wrong, { issues: [{ path: '', code: 'custom', message: wrong }] }))
      done(null, value)
    })
  })
}

/** The first thing in a parsed body that no route could take, in words. */
export function findWrong(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return wrongText(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > DEPTH_MOST) return `The body is nested deeper than ${DEPTH_MOST} levels`
  if (Array.isArray(value)) {
    if (value.length > ARRAY_MOST) return `A list has more than ${ARRAY_MOST} items`
    for (const item of value) {
      const wrong = findWrong(item, depth + 1)
      if (wrong) return wrong
    }
    return undefined
  }
  for (const key in value) {
    const wrong = wrongText(key) ?? findWrong((value as Record<string, unknown>)[key], depth + 1)
    if (wrong) return wrong
  }
  return undefined
}

function wrongText(text: string): string | undefined {
  if (text.includes('\0')) return 'A text holds the character U+0000'
  if (!text.isWellFormed()) return 'A text holds half of a surrogate pair'
  return undefined
}
