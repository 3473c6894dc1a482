import { z } from 'zod'
import { EVENT_TYPES, type Event } from '#core/events'
import { type Prefix, ShownId, showId } from './ids.wire.ts'
import { Paging, ShownTime } from './lists.wire.ts'

const types = (text: string) => text.split(',').map((word) => word.trim())
const Types = z
  .string()
  .max(1_000)
  .transform(types)
  .pipe(z.array(z.enum(EVENT_TYPES)).min(1).max(EVENT_TYPES.length))
  .optional()
  .meta({ description: 'One or several event names, with commas', examples: ['message.sent,message.failed'] })

const Seq = z.coerce.number().pipe(z.int().min(0)).optional().describe('Only events after this seq')
export const EventQuery = z.strictObject({ ...Paging, after: Seq, types: Types })
export const StreamQuery = z.strictObject({ after: Seq, types: Types })

const ShownEvent = z
  .object({
    id: ShownId('evt').describe('The same over every retry'),
    type: z.enum(EVENT_TYPES),
    workspaceId: ShownId('wsp'),
    seq: z.int().describe('Per workspace, without gaps'),
    occurredAt: ShownTime,
    data: z
      .record(z.string(), z.unknown())
      .describe('Ids, facts, and what they are about as it is now: message, contact, conversation, channel'),
  })
  .meta({ title: 'Event' })
export const EventList = z.object({ data: z.array(ShownEvent), nextCursor: z.string().nullable() })

/** Whose id a subject's name stands for. */
const PREFIXES: Readonly<Record<string, Prefix>> = {
  messageId: 'msg',
  contactId: 'con',
  conversationId: 'cnv',
  formerConversationId: 'cnv',
  channelId: 'cha',
  endpointId: 'whk',
  mediaId: 'med',
  keyId: 'key',
  audienceId: 'aud',
  campaignId: 'cmp',
  recurrenceId: 'rec',
  groupId: 'grp',
  groupChangeId: 'gch',
}

/** `joined`: what the subjects are now. */
export const showEvent = ({ id, type, workspaceId, seq, at, subjects, facts }: Event, joined: Readonly<Record<string, unknown>>) => ({
  id: showId('evt', id),
  type,
  workspaceId: showId('wsp', workspaceId),
  seq,
  occurredAt: at.toISOString(),
  data: { ...showSubjects(subjects), ...facts, ...joined },
})

const showSubjects = (subjects: Event['subjects']) =>
  Object.fromEntries(Object.entries(subjects).map(([name, id]) => [name, PREFIXES[name] ? showId(PREFIXES[name], id) : id]))
