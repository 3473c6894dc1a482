import { z } from 'zod'
import { fromTypeId, isUuid, typeId } from '#kit/ids'

const PREFIXES = {
  msg: 'stored message',
  wh: 'webhook',
  evt: 'event',
  wsp: 'account',
  eng: 'engine',
  med: 'file',
  aud: 'audience',
  mem: 'contact of an audience',
  cmp: 'campaign',
} as const
export type Prefix = keyof typeof PREFIXES

export const showId = (prefix: Prefix, uuid: string): string => typeId(prefix, uuid)

const RFC_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** 'msg_…' -> uuid; undefined when it cannot be one of ours. */
export function readId(prefix: Prefix, text: string): string | undefined {
  const uuid = fromTypeId(prefix, text)
  return uuid !== undefined && isUuid(uuid) && RFC_UUID.test(uuid) ? uuid : undefined
}

const NOBODY = '00000000-0000-0000-0000-000000000000'

/** An id in a path: what cannot be one names nobody, so that the verb says not found. */
export const Path = (prefix: Prefix) =>
  z.object({
    id: z
      .string()
      .meta({ description: `Id of a ${PREFIXES[prefix]}`, examples: [typeId(prefix, '0192f3a4-5b6c-7d8e-9f00-112233445566')] })
      .transform((text) => readId(prefix, text) ?? NOBODY),
  })
