import type { IncomingMessage } from 'node:http'
import { type Fields, fields, isFields } from './json-fields.ts'

/** Reads a body of at most `most` bytes; undefined when it is longer or breaks off. */
export function readBody(request: IncomingMessage, most: number, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  let isDone = false
  const finish = (body: Buffer | undefined) => {
    if (isDone) return
    isDone = true
    done(body)
  }
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= most) chunks.push(chunk)
    else finish(undefined)
  })
  request.on('end', () => finish(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
  request.on('error', () => finish(undefined))
  request.on('close', () => finish(undefined))
}

/** A JSON object; an empty body is an empty one; undefined for anything else. */
export function readJson(body: Buffer): Fields | undefined {
  if (body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isFields(value) ? fields(value) : undefined
  } catch {
    return undefined
  }
}
