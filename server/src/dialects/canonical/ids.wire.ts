import { z } from 'zod'
import { fromTypeId, typeId } from '#kit/ids'

const NOUNS = {
  msg: 'message',
  con: 'contact',
  cnv: 'conversation',
  cha: 'channel',
  med: 'media',
  key: 'API key',
  whk: 'webhook endpoint',
  dlv: 'delivery',
  evt: 'event',
  wsp: 'workspace',
  org: 'organization',
  rec: 'recurrence',
  aud: 'audience',
  mem: 'member of an audience',
  cmp: 'campaign',
  grp: 'group',
  gch: 'change of a group',
  nwl: 'newsletter',
} as const
export type Prefix = keyof typeof NOUNS

const NOBODY = '00000000-0000-0000-0000-000000000000'
const RFC_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** 'msg_…' -> uuid; undefined when it cannot be one of ours. */
export function readId(prefix: Prefix, text: string): string | undefined {
  const uuid = fromTypeId(prefix, text)
  return uuid && RFC_UUID.test(uuid) ? uuid : undefined
}

/** An id as the reference shows one. */
export const exampleId = (prefix: Prefix): string => typeId(prefix, '0192f3a4-5b6c-7d8e-9f00-112233445566')
const about = (prefix: Prefix) => ({ description: `Id of a ${NOUNS[prefix]}`, examples: [exampleId(prefix)] })

/** An id in a path: what cannot be an id names nobody, so that the verb says not found. */
export const Path = (prefix: Prefix) =>
  z.object({
    id: z
      .string()
      .meta(about(prefix))
      .transform((text) => readId(prefix, text) ?? NOBODY),
  })

/** An id in a body or query: what cannot be one is invalid. */
export const Id = (prefix: Prefix) =>
  z
    .string()
    .max(64)
    .meta(about(prefix))
    .transform((text, check) => {
      const uuid = readId(prefix, text)
      if (uuid !== undefined) return uuid
      check.addIssue({ code: 'custom', message: `not the id of a ${NOUNS[prefix]}` })
      return z.NEVER
    })

/** An id in an answer. */
export const ShownId = (prefix: Prefix) => z.string().meta(about(prefix))

export const showId = (prefix: Prefix, uuid: string): string => typeId(prefix, uuid)
export const showMaybe = (prefix: Prefix, uuid: string | undefined): string | null => (uuid === undefined ? null : typeId(prefix, uuid))
