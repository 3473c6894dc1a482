import type { proto } from 'baileys'
import { tidy } from '#kit/tidy'

const RAW_MOST = 16_384
const TEXT_MOST = 1_024

/** A message as JSON, for what we have no words for: without what belongs to any message, and never large. */
export function toRaw(message: proto.IMessage): unknown {
  const json = JSON.stringify(message, (name, value: unknown) => {
    if (name === 'messageContextInfo' || name === 'contextInfo' || value === null) return undefined
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64').slice(0, TEXT_MOST)
    return typeof value === 'string' ? value.slice(0, TEXT_MOST) : value
  })
  if (json === undefined || json.length > RAW_MOST) return { tooLarge: true, parts: Object.keys(message).slice(0, 20) }
  return tidy(JSON.parse(json))
}
