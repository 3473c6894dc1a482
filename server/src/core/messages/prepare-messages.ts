import { type Address, parseAddress } from '#core/addresses'
import type { TransportChannelEntry } from '#core/channels'
import { type Content, mediaIdOf } from '#core/content'
import { windowClosesAt } from '#core/conversations'
import { findMediaFiles, type Media } from '#core/media'
import type { Capabilities } from '#core/transport'
import type { WorkspaceEntry } from '#core/workspaces'
import type { Context } from '#kit/context'
import { DomainError, invalidField } from '#kit/errors'
import { newId } from '#kit/ids'
import { checkFile, targetIdOf, targetOf } from './check-references.ts'
import { findMessages } from './message.store.ts'
import { LANES, type Message, type OutgoingMessage } from './message.ts'
import type { MessageInput } from './message-input.ts'
import type { NewMessage } from './new-message.ts'

/** A message with everything resolved: the row to write and the message to answer with. */
export type Prepared = { row: NewMessage; message: OutgoingMessage; waitingMost: number | undefined }

type Draft = {
  input: MessageInput
  channel: TransportChannelEntry
  capabilities: Capabilities
  address: Address
  target: Message | undefined
}

/** Checks and resolves messages of one workspace together: one question to the database for each kind of thing, whatever their number. */
export async function prepareMessages(
  ctx: Context,
  inputs: readonly MessageInput[],
  awaited: boolean,
): Promise<(Prepared | DomainError)[]> {
  const workspace = await ctx.ports.workspaces.get(ctx.workspaceId)
  const media = await loadMedia(ctx, inputs)
  const targets = await loadTargets(ctx, inputs)
  const drafts = await Promise.all(inputs.map((input) => attempt(() => draft(ctx, workspace, input, media, targets))))
  await refuseClosedWindows(ctx, drafts)
  // only now is anybody made known: a refusal leaves no contact behind
  const good = drafts.filter((one): one is Draft => !(one instanceof DomainError))
  const spots = good.map(({ channel, address }) => ({ channelId: channel.id, ...address }))
  const places = good.length > 0 ? await ctx.ports.addressBook.resolve(ctx.workspaceId, spots) : []
  let next = 0
  return drafts.map((one) => {
    const place = one instanceof DomainError ? undefined : places[next++]
    if (one instanceof DomainError || !place)
      return one instanceof DomainError ? one : new DomainError('internal', 'An address was not resolved')
    return finish(ctx, workspace, one, place, awaited)
  })
}

async function attempt<Result>(make: () => Promise<Result>): Promise<Result | DomainError> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
}

async function draft(
  ctx: Context,
  workspace: WorkspaceEntry,
  input: MessageInput,
  media: ReadonlyMap<string, Media>,
  targets: ReadonlyMap<string, Message>,
): Promise<Draft> {
  checkTimes(ctx, input)
  const channel = await findChannel(ctx, input)
  const capabilities = capabilitiesOf(ctx, channel)
  checkContent(input.content, capabilities, workspace.plan.footer)
  checkFile(input.content, media)
  if (input.callbackUrl !== undefined) ctx.ports.http.check(input.callbackUrl, 'callbackUrl')
  const address = parseAddress(input.to, workspace.defaultCountry)
  if (address.kind !== 'person' && !capabilities.groups)
    throw new DomainError('unsupported', 'This channel cannot send to groups', {
      issues: [{ path: 'to', code: 'custom', message: 'a group' }],
    })
  return { input, channel, capabilities, address, target: targetOf(input, targets, channel.id) }
}

function checkTimes(ctx: Context, { sendAt, expiresAt, horizon }: MessageInput): void {
  if (expiresAt && expiresAt <= (sendAt ?? ctx.now())) throw invalidField('expiresAt', 'is before the message could be sent')
  if (!sendAt) return
  const ahead = (sendAt.getTime() - ctx.now().getTime()) / 1000
  if (ahead < horizon.minSeconds) throw invalidField('sendAt', `must be at least ${horizon.minSeconds} seconds ahead`, 'too_small')
  if (ahead > horizon.maxSeconds)
    throw invalidField('sendAt', `must be at most ${Math.round(horizon.maxSeconds / 86_400)} days ahead`, 'too_big')
}

async function findChannel(ctx: Context, { channelId, from, persona, noChannel }: MessageInput): Promise<TransportChannelEntry> {
  const channels = ctx.ports.channels
  const channel = await channels.find(ctx.workspaceId, { channelId, phone: from, persona })
  if (!channel && channelId) throw new DomainError('not_found', 'No such channel')
  if (!channel)
    throw new DomainError('no_channel', from ? 'This number is not one of your channels' : 'There is no channel to send from', {
      facts: { from },
    })
  if (noChannel === 'refuse' && channel.channel.state !== 'open')
    throw new DomainError('channel_closed', 'The channel is not connected', { facts: { reason: channel.channel.stateReason } })
  return channel
}

export function capabilitiesOf(ctx: Context, channel: TransportChannelEntry): Capabilities {
  const transport = ctx.ports.transports.get(channel.kind)
  if (!transport) throw new DomainError('unsupported', `Channels of kind ${channel.kind} are not available here`)
  return transport.capabilities(channel)
}

/** What the channel cannot carry is refused now, not when the message's time has come. */
export function checkContent(content: Content, capabilities: Capabilities, footer: string | undefined): void {
  if (!capabilities.content.includes(content.type)) {
    throw new DomainError('unsupported', `This channel cannot send ${content.type} messages`, {
      issues: [{ path: 'content.type', code: 'custom', message: 'not possible on this channel' }],
    })
  }
  const footerLength = footer ? footer.length + 2 : 0
  if (content.type === 'text' && content.text.length + footerLength > 4096)
    throw invalidField('content.text', `must leave ${footerLength} characters for the plan's footer`, 'too_big')
  if ('caption' in content && content.caption && content.caption.length + footerLength > capabilities.captionMost) {
    throw invalidField('content.caption', `must be at most ${capabilities.captionMost - footerLength} characters`, 'too_big')
  }
}

async function loadMedia(ctx: Context, inputs: readonly MessageInput[]): Promise<Map<string, Media>> {
  const ids = [...new Set(inputs.flatMap(({ content }) => mediaIdOf(content) ?? []))]
  const files = ids.length > 0 ? await findMediaFiles(ctx.db, ctx.workspaceId, ids) : []
  return new Map(files.map((file) => [file.id, file]))
}

async function loadTargets(ctx: Context, inputs: readonly MessageInput[]): Promise<Map<string, Message>> {
  const ids = [...new Set(inputs.flatMap((input) => targetIdOf(input) ?? []))]
  const messages = ids.length > 0 ? await findMessages(ctx.db, ctx.workspaceId, ids) : []
  return new Map(messages.map((message) => [message.id, message]))
}

/** Puts a refusal in the place of each draft that needs an open window and has none. */
async function refuseClosedWindows(ctx: Context, drafts: (Draft | DomainError)[]): Promise<void> {
  const asked = drafts.flatMap((one, i) =>
    !(one instanceof DomainError) && needsWindow(one) ? [{ i, channelId: one.channel.id, address: one.address.address }] : [],
  )
  if (asked.length === 0) return
  const lastInbounds = await ctx.ports.addressBook.lastInbounds(asked)
  for (const [n, { i }] of asked.entries()) {
    if (windowClosesAt({ lastInboundAt: lastInbounds[n] }, ctx.now())) continue
    drafts[i] = new DomainError('window_closed', 'The person has not written in the last 24 hours: only a template can be sent')
  }
}

const needsWindow = ({ input, capabilities }: Draft): boolean =>
  capabilities.window && input.outsideWindow === 'refuse' && input.content.type !== 'template'

const LATE_DEFAULT = { afterSeconds: 21_600, action: 'expire' } as const

function finish(
  ctx: Context,
  workspace: WorkspaceEntry,
  one: Draft,
  place: { conversationId: string; contactId: string | undefined },
  awaited: boolean,
): Prepared {
  const { input, channel, address, target } = one
  const { content, sendAt, expiresAt, lane } = input
  const late = input.late ?? workspace.settings.late ?? LATE_DEFAULT
  const onUnknown = input.onUnknown ?? (lane === 'campaign' || input.category === 'authentication' ? 'fail' : 'retry')
  const id = newId()
  const createdAt = ctx.now()
  const base = { id, workspaceId: ctx.workspaceId, channelId: channel.id, ...place, address: address.address, createdAt, sendAt }
  const options = {
    category: input.category,
    expires_at: expiresAt,
    late_seconds: late.afterSeconds,
    late_action: late.action,
    on_unknown: onUnknown,
    outside_window: input.outsideWindow,
    reply_to: target?.id,
    target_wire_id: target?.wireId,
    callback_url: input.callbackUrl,
    tag: input.tag,
    metadata: input.metadata,
    door: input.door,
    origin: input.origin,
    key_id: ctx.actor.id,
  }
  const row: NewMessage = {
    ...base,
    queueId: channel.queues[LANES.indexOf(lane)] ?? 0,
    lane: LANES.indexOf(lane),
    content: JSON.stringify(content),
    awaited,
    options: JSON.stringify(options),
    callback: input.callbackUrl === undefined ? undefined : { url: input.callbackUrl, style: input.door ?? 'canonical' },
  }
  const message: OutgoingMessage = {
    ...base,
    number: 0,
    direction: 'out',
    state: 'scheduled',
    content,
    lane,
    category: input.category,
    expiresAt,
    attempt: 0,
    wireId: undefined,
    replyTo: target?.id,
    callbackUrl: input.callbackUrl,
    tag: input.tag,
    metadata: input.metadata,
    door: input.door,
    origin: input.origin,
    facts: undefined,
    failure: undefined,
    sendingAt: undefined,
    sentAt: undefined,
    deliveredAt: undefined,
    readAt: undefined,
    playedAt: undefined,
    endedAt: undefined,
    editedAt: undefined,
  }
  return { row, message, waitingMost: workspace.plan.scheduledWaiting }
}
