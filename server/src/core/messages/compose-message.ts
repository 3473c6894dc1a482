import type { Address } from '#core/addresses'
import type { TransportChannelEntry } from '#core/channels'
import type { Capabilities } from '#core/transport'
import { LATE_DEFAULT, type WorkspaceEntry } from '#core/workspaces'
import type { Context } from '#kit/context'
import { newId } from '#kit/ids'
import { linkOf } from './link-previews.ts'
import { LANES, type Message, type OutgoingMessage } from './message.ts'
import type { MessageInput } from './message-input.ts'
import type { NewMessage } from './new-message.ts'

/** A message that was checked: where it goes from, to whom, and what it answers. */
export type Draft = {
  input: MessageInput
  channel: TransportChannelEntry
  capabilities: Capabilities
  address: Address
  target: Message | undefined
}

/** A message with everything resolved: the row to write, the message to answer with, and the link whose page it shows. */
export type Prepared = { row: NewMessage; message: OutgoingMessage; waitingMost: number | undefined; link: string | undefined }

/** Of a message that is made for a recipient of a campaign: its id is his, its queue the campaign's. */
export type Making = { id: string; campaignId: string; queueId: number }

type Parts = {
  workspace: WorkspaceEntry
  draft: Draft
  place: { conversationId: string; contactId: string | undefined }
  awaited: boolean
  making?: Making | undefined
}

type Base = Pick<
  OutgoingMessage,
  'id' | 'campaignId' | 'workspaceId' | 'channelId' | 'conversationId' | 'contactId' | 'address' | 'createdAt' | 'sendAt'
>

/** The row and the answer of a new message, with the workspace's defaults. */
export function composeMessage(ctx: Context, { workspace, draft, place, awaited, making }: Parts): Prepared {
  const { input, channel, address } = draft
  const base: Base = {
    id: making?.id ?? newId(),
    campaignId: making?.campaignId,
    workspaceId: ctx.workspaceId,
    channelId: channel.id,
    ...place,
    address: address.address,
    createdAt: ctx.now(),
    sendAt: input.sendAt,
  }
  const lane = LANES.indexOf(input.lane)
  const row: NewMessage = {
    ...base,
    queueId: making?.queueId ?? channel.queues[lane] ?? 0,
    lane,
    notBefore: typedUntil(base.createdAt, draft),
    content: JSON.stringify(input.content),
    awaited,
    options: JSON.stringify(optionsOf(ctx, workspace, draft, making)),
    callback: input.callbackUrl === undefined ? undefined : { url: input.callbackUrl, style: input.door ?? 'canonical' },
  }
  return {
    row,
    message: messageOf(base, draft),
    waitingMost: workspace.plan.scheduledWaiting,
    link: linkOf(input.content, draft.capabilities),
  }
}

/** Only what is typed is typed: no file, nothing for later. */
function typedUntil(now: Date, { input, capabilities }: Draft): Date | undefined {
  const isTyped = input.typingSeconds > 0 && capabilities.presence && input.content.type === 'text' && input.sendAt === undefined
  return isTyped ? new Date(now.getTime() + input.typingSeconds * 1000) : undefined
}

/** The columns that most messages leave at their defaults. */
function optionsOf(ctx: Context, workspace: WorkspaceEntry, { input, target }: Draft, making: Making | undefined) {
  const late = input.late ?? workspace.settings.late ?? LATE_DEFAULT
  const mayRepeat = input.lane !== 'campaign' && input.category !== 'authentication'
  return {
    category: input.category,
    expires_at: input.expiresAt,
    late_seconds: making ? null : late.afterSeconds, // a campaign has an end of its own
    late_action: late.action,
    on_unknown: input.onUnknown ?? (mayRepeat ? 'retry' : 'fail'),
    outside_window: input.outsideWindow,
    reply_to: target?.id,
    target_wire_id: target?.wireId,
    callback_url: input.callbackUrl,
    tag: input.tag,
    metadata: input.metadata,
    door: input.door,
    origin: input.origin,
    key_id: ctx.actor.id,
    campaign_id: making?.campaignId,
    follows: input.follows,
    recurrence_id: input.recurrenceId,
  }
}

const messageOf = (base: Base, { input, target }: Draft): OutgoingMessage => ({
  ...base,
  number: 0,
  direction: 'out',
  state: 'scheduled',
  content: input.content,
  lane: input.lane,
  category: input.category,
  expiresAt: input.expiresAt,
  attempt: 0,
  wireId: undefined,
  replyTo: target?.id,
  callbackUrl: input.callbackUrl,
  tag: input.tag,
  metadata: input.metadata,
  door: input.door,
  origin: input.origin,
  recurrenceId: input.recurrenceId,
  facts: undefined,
  failure: undefined,
  sendingAt: undefined,
  sentAt: undefined,
  deliveredAt: undefined,
  readAt: undefined,
  playedAt: undefined,
  endedAt: undefined,
  editedAt: undefined,
})
