import { z } from 'zod'
import {
  FAULT_KINDS,
  type GroupChat,
  type PhoneChat,
  PhoneInGroup,
  type PhoneSummary,
  type SetFault,
  type SimulatedBubble,
} from '#core/simulators'
import { showContent } from './content.wire.ts'
import { Id, ShownId, showId } from './ids.wire.ts'
import { ShownTime, showTime } from './lists.wire.ts'

const Phone = z
  .string()
  .min(1)
  .max(32)
  .meta({ description: 'Any number', examples: ['+14155550003'] })
export const OnChannel = z.strictObject({ channelId: Id('cha').optional().describe('A sandbox channel; by default the own-number one') })
export const OnPhone = z.object({ phone: Phone })

export const PhoneWords = z
  .strictObject({
    text: z.string().min(1).max(4_096).optional(),
    file: z
      .strictObject({
        base64: z.string().min(1).max(24_000_000),
        mimeType: z.string().max(255).optional(),
        filename: z.string().min(1).max(255).optional(),
        caption: z.string().max(1_024).optional(),
      })
      .optional()
      .describe('Instead of text: a photo, a recording, a document'),
    replyTo: z.string().max(512).optional().describe('wireId of the bubble answered'),
    channelId: Id('cha').optional(),
  })
  .meta({ example: { text: 'Where is my parcel?' } })
const OnBubble = { wireId: z.string().min(1).max(512).describe('The bubble'), channelId: Id('cha').optional() }
const ON_BUBBLE = { wireId: '3EB0A1B2C3D4E5F60718' }
export const PhoneVote = z
  .strictObject({ ...OnBubble, options: z.array(z.string().min(1).max(100)).max(12).describe('Those chosen; none takes the vote back') })
  .meta({ example: { ...ON_BUBBLE, options: ['Pizza'] } })
export const PhoneEdit = z
  .strictObject({ ...OnBubble, text: z.string().min(1).max(4_096) })
  .meta({ example: { ...ON_BUBBLE, text: 'Where is my parcel, please?' } })
export const PhoneRevoke = z.strictObject(OnBubble).meta({ example: ON_BUBBLE })
export const PhonePin = z
  .strictObject({
    ...OnBubble,
    pinned: z.boolean().optional().describe('false takes it down'),
    seconds: z.int().min(1).max(31_536_000).optional(),
  })
  .meta({ example: { ...ON_BUBBLE, pinned: true } })
/** Who does what in a group. */
export const GroupActing = z
  .union(PhoneInGroup.options.map((option) => option.extend({ phone: Phone })))
  .meta({ example: { phone: '+14155550123', act: 'write', text: 'On my way' } })
export const PhoneReaction = z
  .strictObject({
    wireId: z.string().min(1).max(512),
    emoji: z.string().max(32).describe("'' takes it back"),
    channelId: Id('cha').optional(),
  })
  .meta({ example: { wireId: '3EB0A1B2C3D4E5F60718', emoji: '👍' } })

export const NewFault = z
  .strictObject({
    channelId: Id('cha').optional(),
    kind: z.enum(FAULT_KINDS),
    phone: Phone.optional(),
    times: z.int().min(1).max(1_000_000).optional(),
    probability: z.number().min(0).max(1).optional(),
    ms: z.int().min(0).max(3_600_000).optional(),
    code: z.int().min(0).max(10_000_000).optional(),
    status: z.int().min(400).max(599).optional(),
  })
  .meta({ example: { kind: 'duplicate', times: 1 } })
export const FaultPath = z.object({ fault: z.string().max(64) })

export const ShownPhones = z.object({
  data: z.array(
    z.object({ channelId: ShownId('cha'), phone: z.string(), messages: z.int(), lastAt: ShownTime.nullable(), blocked: z.boolean() }),
  ),
})
const ShownBubble = z.object({
  wireId: z.string(),
  direction: z.enum(['to_phone', 'from_phone']),
  state: z.string(),
  content: z.record(z.string(), z.unknown()),
  replyTo: z.string().nullable(),
  arrivals: z.int().describe('How often it was sent; more than 1 is one bubble all the same'),
  reactions: z.record(z.string(), z.string()),
  votes: z.array(z.string()),
  pinnedUntil: ShownTime.nullable(),
  at: ShownTime,
})
export const ShownChat = z.object({
  channelId: ShownId('cha'),
  business: z.string(),
  phone: z.string(),
  blocked: z.boolean(),
  typing: z.boolean().describe('The business is seen typing'),
  windowUntil: ShownTime.nullable(),
  bubbles: z.array(ShownBubble),
})
export const ShownGroupChat = z.object({
  groupId: ShownId('grp'),
  channelId: ShownId('cha'),
  address: z.string(),
  name: z.string(),
  typing: z.boolean(),
  participants: z.array(z.object({ address: z.string(), role: z.string() })),
  bubbles: z.array(
    ShownBubble.extend({
      author: z.string().nullable().describe('Who wrote it; null: the channel'),
      receivers: z.array(z.string()).describe('Whose phones it went to'),
    }),
  ),
})
export const ShownWords = z.object({ wireId: z.string().nullable() })
const Count = z.number().nullable()
export const ShownFault = z.object({
  id: z.string(),
  kind: z.enum(FAULT_KINDS),
  channelId: ShownId('cha'),
  met: z.int().describe('How often it has struck'),
  phone: z.string().nullable(),
  times: Count,
  probability: Count,
  ms: Count,
  code: Count,
  status: Count,
})
export const ShownFaults = z.object({ data: z.array(ShownFault) })

export const showPhone = ({ channelId, phone, messages, lastAt, blocked }: PhoneSummary) => ({
  channelId: showId('cha', channelId),
  phone,
  messages,
  lastAt: showTime(lastAt),
  blocked,
})

export const showChat = ({ channelId, windowUntil, bubbles, ...chat }: PhoneChat) => ({
  channelId: showId('cha', channelId),
  ...chat,
  windowUntil: showTime(windowUntil),
  bubbles: bubbles.map(showBubble),
})

const showBubble = ({
  wireId,
  direction,
  state,
  content,
  contextWireId,
  arrivals,
  reactions,
  votes,
  pinnedUntil,
  at,
}: SimulatedBubble) => ({
  wireId,
  direction,
  state,
  content: showContent(content),
  replyTo: contextWireId ?? null,
  arrivals,
  reactions,
  votes,
  pinnedUntil: pinnedUntil > 0 ? new Date(pinnedUntil).toISOString() : null,
  at: new Date(at).toISOString(),
})

export const showGroupChat = ({ groupId, channelId, bubbles, ...chat }: GroupChat) => ({
  ...chat,
  groupId: showId('grp', groupId),
  channelId: showId('cha', channelId),
  bubbles: bubbles.map((bubble) => ({ ...showBubble(bubble), author: bubble.author ?? null, receivers: [...(bubble.receivers ?? [])] })),
})

export const showFault = (fault: SetFault) => ({
  id: fault.id,
  kind: fault.kind,
  channelId: showId('cha', fault.channelId),
  met: fault.met,
  phone: fault.phone ?? null,
  times: fault.times ?? null,
  probability: fault.probability ?? null,
  ms: fault.ms ?? null,
  code: fault.code ?? null,
  status: fault.status ?? null,
})

export const showWords = ({ wireId }: { wireId: string | undefined }) => ({ wireId: wireId ?? null })
