import { type Address, parseAddress } from '#core/addresses'
import { conversationKind, windowClosesAt } from '#core/conversations'
import type { Media } from '#core/media'
import type { Capabilities } from '#core/transport'
import type { WorkspaceEntry } from '#core/workspaces'
import type { Context } from '#kit/context'
import { DomainError, invalidField } from '#kit/errors'
import { capabilitiesOf, checkContent } from './check-content.ts'
import { checkFile, targetIdOf, targetOf } from './check-references.ts'
import { composeMessage, type Draft, type Making, type Prepared } from './compose-message.ts'
import { findChannel } from './find-channel.ts'
import { loadMedia } from './inspect-content.ts'
import { findMessages } from './message.store.ts'
import type { Message } from './message.ts'
import type { MessageInput } from './message-input.ts'

type Known = { workspace: WorkspaceEntry; media: ReadonlyMap<string, Media>; targets: ReadonlyMap<string, Message> }

/** Checks and resolves messages of one workspace together: one question to the database for each kind of thing, whatever their number. */
export async function prepareMessages(
  ctx: Context,
  inputs: readonly MessageInput[],
  { awaited, origins }: { awaited: boolean /** One for each input, of messages that something made. */; origins?: readonly Making[] },
): Promise<(Prepared | DomainError)[]> {
  const { workspace, drafts } = await draftAll(ctx, inputs)
  await refuseClosedWindows(ctx, drafts)
  // only now is anybody made known: a refusal leaves no contact behind
  const good = drafts.filter((one): one is Draft => !(one instanceof DomainError))
  const spots = good.map(({ channel, address }) => ({ channelId: channel.id, ...address }))
  const places = good.length > 0 ? await ctx.ports.addressBook.resolve(ctx.workspaceId, spots) : []
  let next = 0
  return drafts.map((one, i) => {
    if (one instanceof DomainError) return one
    const place = places[next++]
    return place
      ? composeMessage(ctx, { workspace, draft: one, place, awaited, making: origins?.[i] })
      : new DomainError('internal', 'An address was not resolved')
  })
}

/** Checks one that will be sent later, as far as it can be told now; makes nobody known. Throws what is wrong with it. */
export async function checkMessage(ctx: Context, input: MessageInput): Promise<Draft> {
  const [draft] = (await draftAll(ctx, [input])).drafts
  if (draft === undefined || draft instanceof DomainError) throw draft ?? new DomainError('internal', 'Nothing was checked')
  return draft
}

async function draftAll(
  ctx: Context,
  inputs: readonly MessageInput[],
): Promise<{ workspace: WorkspaceEntry; drafts: (Draft | DomainError)[] }> {
  const workspace = await ctx.ports.workspaces.get(ctx.workspaceId)
  const contents = inputs.map(({ content }) => content)
  const known: Known = { workspace, media: await loadMedia(ctx, contents), targets: await loadTargets(ctx, inputs) }
  return { workspace, drafts: await Promise.all(inputs.map((input) => attempt(() => draft(ctx, input, known)))) }
}

async function attempt<Result>(make: () => Promise<Result>): Promise<Result | DomainError> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
}

async function draft(ctx: Context, input: MessageInput, { workspace, media, targets }: Known): Promise<Draft> {
  checkTimes(ctx, input)
  const channel = await findChannel(ctx, { ...input, givesWay: mayLeaveElsewhere(input) })
  const capabilities = capabilitiesOf(ctx, channel)
  checkContent(input.content, capabilities, workspace.plan.footer)
  checkFile(input.content, media)
  if (input.callbackUrl !== undefined) ctx.ports.http.check(input.callbackUrl, 'callbackUrl')
  const address = parseAddress(input.to, workspace.defaultCountry)
  checkPlace(address, capabilities)
  return { input, channel, capabilities, address, target: targetOf(input, targets, channel.id) }
}

/** To a person sooner from another number than from one that is logged out; a group knows one number only, and a reply stays in its chat. */
const mayLeaveElsewhere = ({ noChannel, to, content, replyTo, follows }: MessageInput): boolean =>
  noChannel !== 'refuse' &&
  conversationKind({ address: to }) === 'contact' &&
  targetIdOf({ content, replyTo }) === undefined &&
  follows === undefined

function checkPlace({ kind }: Address, { groups, newsletters }: Capabilities): void {
  if (kind === 'person' || (kind === 'group' ? groups : newsletters)) return
  throw new DomainError('unsupported', `This channel cannot send to ${kind}s`, {
    issues: [{ path: 'to', code: 'custom', message: `a ${kind}` }],
  })
}

function checkTimes(ctx: Context, { sendAt, expiresAt, horizon }: MessageInput): void {
  if (expiresAt && expiresAt <= (sendAt ?? ctx.now())) throw invalidField('expiresAt', 'is before the message could be sent')
  if (!sendAt) return
  const ahead = (sendAt.getTime() - ctx.now().getTime()) / 1000
  if (ahead < horizon.minSeconds) throw invalidField('sendAt', `must be at least ${horizon.minSeconds} seconds ahead`, 'too_small')
  if (ahead > horizon.maxSeconds)
    throw invalidField('sendAt', `must be at most ${Math.round(horizon.maxSeconds / 86_400)} days ahead`, 'too_big')
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
