import { randomBytes } from 'node:crypto'
import type { BinaryNode } from 'baileys'

export type Node = BinaryNode
export type Content = Node['content']

export const SERVER = 's.whatsapp.net'
/** The server itself, as a sender. */
export const SERVER_JID = '@s.whatsapp.net'
/** What may wait in one stanza for its answer is named by this. */
export const newStanzaId = (): string => randomBytes(5).toString('hex')

type Attributes = Record<string, string | number | undefined>

/** A node; attributes without a value are left out. */
export function node(tag: string, attrs: Attributes = {}, content?: Content): Node {
  const given = Object.entries(attrs).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return { tag, attrs: Object.fromEntries(given), ...(content !== undefined && { content }) }
}

export const children = (parent: Node | undefined, tag?: string): Node[] =>
  Array.isArray(parent?.content) ? parent.content.filter((one) => tag === undefined || one.tag === tag) : []

export const child = (parent: Node | undefined, tag: string): Node | undefined =>
  Array.isArray(parent?.content) ? parent.content.find((one) => one.tag === tag) : undefined

/** The node that a path of tags leads to. */
export const descend = (parent: Node | undefined, ...tags: string[]): Node | undefined =>
  tags.reduce<Node | undefined>((at, tag) => child(at, tag), parent)

/** Throws when there are none: the stanza is not as WhatsApp has it. */
export function bytesOf(parent: Node | undefined): Buffer {
  const content = parent?.content
  if (content instanceof Uint8Array) return Buffer.from(content)
  if (typeof content === 'string') return Buffer.from(content, 'utf8')
  throw new RangeError(`<${parent?.tag ?? 'missing'}> holds no bytes`)
}

export const wordsOf = (parent: Node | undefined): string | undefined => (hasBytes(parent) ? bytesOf(parent).toString('utf8') : undefined)

const hasBytes = (parent: Node | undefined): boolean => parent?.content instanceof Uint8Array || typeof parent?.content === 'string'

export function wholeOf(parent: Node | undefined): number {
  const bytes = bytesOf(parent)
  return bytes.readUIntBE(0, Math.min(bytes.length, 6))
}

/** Seconds since 1970, as stanzas tell time. */
export const seconds = (ms: number): string => String(Math.floor(ms / 1000))
