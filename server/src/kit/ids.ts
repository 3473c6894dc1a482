import { randomFillSync } from 'node:crypto'
import { parse, stringify, v7 } from 'uuid'

/** Inside the house an id is a UUIDv7 string; at the doors it wears its noun: msg_01k… (TypeID). */
export function newId(): string {
  const random = nextRandom()
  const now = Date.now()
  if (now > lastMs) {
    lastMs = now
    sequence = ((random[6] ?? 0) << 23) | ((random[7] ?? 0) << 15) | ((random[8] ?? 0) << 7) // half of its room is left for this millisecond
  } else {
    sequence = (sequence + 1) | 0
    if (sequence === 0) lastMs++
  }
  return v7({ random, msecs: lastMs, seq: sequence })
}

/** Ids of one process grow, also within a millisecond: lists are ordered by them. */
let lastMs = Number.NEGATIVE_INFINITY
let sequence = 0

/** For what happened before it was told to us: lists are ordered by ids. The caller keeps the order within a millisecond. */
export const idAt = (at: Date): string => v7({ random: nextRandom(), msecs: at.getTime() })

/** Randomness by the page: asking the system for each id cost more than writing its row. */
const page = new Uint8Array(16 * 1024)
let used = page.length

function nextRandom(): Uint8Array {
  if (used === page.length) {
    randomFillSync(page)
    used = 0
  }
  used += 16
  return page.slice(used - 16, used)
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const VALUE = new Map([...ALPHABET].map((letter, value) => [letter, value]))
const PAIRS = [...ALPHABET].flatMap((high) => [...ALPHABET].map((low) => high + low))
const TYPE_ID = /^([a-z]+)_([0-7][0-9a-hjkmnp-tv-z]{25})$/

/** uuid -> 'msg_…': the prefix and 26 letters of Crockford's base 32. */
export function typeId(prefix: string, uuid: string): string {
  const hex = uuid.replaceAll('-', '')
  let letters = PAIRS[Number.parseInt(hex.slice(0, 2), 16)] ?? ''
  for (let at = 2; at < 32; at += 5) {
    const bits = Number.parseInt(hex.slice(at, at + 5), 16) // five hex digits are four letters
    letters += `${PAIRS[bits >> 10]}${PAIRS[bits & 1023]}`
  }
  return `${prefix}_${letters}`
}

/** 'msg_…' -> uuid; undefined when it is not an id of that prefix. */
export function fromTypeId(prefix: string, id: string): string | undefined {
  const [, found, letters] = TYPE_ID.exec(id) ?? []
  if (found !== prefix || letters === undefined) return undefined
  const value = (from: number, to: number) => {
    let bits = 0
    for (let at = from; at < to; at++) bits = (bits << 5) | (VALUE.get(letters.charAt(at)) ?? 0)
    return bits.toString(16)
  }
  let hex = value(0, 2).padStart(2, '0')
  for (let at = 2; at < 26; at += 4) hex += value(at, at + 4).padStart(5, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
export const isUuid = (text: string): boolean => UUID.test(text)

/** Always the same UUID for the same source: for rows that must not be made twice. Time-ordered by `at`. */
export function derivedId(at: Date, digest: Uint8Array): string {
  const bytes = new Uint8Array(parse(v7({ msecs: at.getTime() })))
  bytes.set(digest.subarray(0, 10), 6)
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return stringify(bytes)
}
