import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import type { Context } from '#kit/context'
import { randomToken } from '#kit/crypto'
import { sqlState } from '#kit/db'
import { DomainError } from '#kit/errors'
import { newId } from '#kit/ids'
import { operation, raise } from '#kit/operation'
import { insertChannel, isPhoneTaken, type NewChannel, nextChannelNumber, selectChannel } from './channel.store.ts'
import type { Channel, CloudCredentials } from './channel.ts'
import { ChannelName, ChannelSecret, SettingsInput, WebSettingsInput } from './channel-input.ts'
import { insertLink, insertOwner } from './link.store.ts'
import { paceOf } from './pace.ts'
import { sandboxIdentity } from './sandbox-identity.ts'
import { notifyChanged } from './state.store.ts'

const Digits = z.string().regex(/^\d{5,20}$/, 'digits, as Meta shows it')

const Cloud = z.strictObject({
  kind: z.literal('cloud'),
  name: ChannelName,
  phone: z.string().min(1).max(32),
  phoneNumberId: Digits,
  wabaId: Digits,
  accessToken: ChannelSecret,
  appSecret: ChannelSecret,
  verifyToken: ChannelSecret,
  settings: SettingsInput.default({}),
})
const Sandbox = z.strictObject({
  kind: z.literal('sandbox'),
  persona: z.enum(['own_number', 'cloud']),
  name: ChannelName.optional(),
  settings: SettingsInput.default({}),
})
const Web = z.strictObject({
  kind: z.literal('web'),
  name: ChannelName,
  settings: WebSettingsInput.default({}),
})
const NewChannelInput = z.discriminatedUnion('kind', [Cloud, Web, Sandbox])
type NewChannelInput = z.output<typeof NewChannelInput>

/** One queue a lane: transactional, sequence, campaign. */
const LANES = [0, 1, 2]

export const createChannel = operation({
  name: 'channels.create',
  does: 'Connect a number: by Meta\u2019s Cloud API or as a linked device of your phone in a live workspace, a simulated one in a test workspace.',
  needs: 'channels:write',
  mayRefuse: ['invalid', 'unsupported', 'conflict'],
  input: NewChannelInput,
  async run(ctx, input): Promise<Channel> {
    checkEnvironment(ctx, input)
    const number = await nextChannelNumber(ctx.db)
    const channel = draft(ctx, input, {
      number,
      phone: input.kind === 'cloud' ? await readPhone(ctx, input.phone) : undefined,
    })
    if (channel.phone !== '' && (await isPhoneTaken(ctx.db, ctx.workspaceId, channel)))
      throw taken('phone', 'This number is connected already')
    await insertChannel(ctx.db, channel).catch((error: unknown) => {
      throw sqlState(error) === '23505' ? taken('phoneNumberId', 'This phone number id is connected already') : error
    })
    if (input.kind === 'web') await prepareLink(ctx, channel)
    await notifyChanged(ctx.db, channel.id)
    ctx.transaction?.afterCommit.push(() => ctx.ports.channels.forget(channel.id))
    if (channel.state === 'open') raise(ctx, 'channel.opened', { channelId: channel.id })
    const made = await selectChannel(ctx.db, ctx.workspaceId, channel.id)
    if (!made) throw new Error('the channel was not written')
    return made
  },
})

const readPhone = async (ctx: Context, phone: string) =>
  normalisePhone(phone, (await ctx.ports.workspaces.get(ctx.workspaceId)).defaultCountry, 'phone')

function checkEnvironment(ctx: Context, { kind }: NewChannelInput): void {
  const { environment } = ctx.actor
  if (kind !== 'sandbox' && environment === 'test') throw new DomainError('unsupported', 'A test workspace has simulated channels only')
  if (kind === 'sandbox' && environment === 'live') throw new DomainError('unsupported', 'Simulated channels belong to the test workspace')
}

const taken = (path: string, message: string) => new DomainError('conflict', message, { issues: [{ path, code: 'taken', message }] })

function draft(ctx: Context, input: NewChannelInput, { number, phone }: { number: number; phone: string | undefined }): NewChannel {
  const { name, settings, ...own } =
    input.kind === 'cloud' ? cloudOf(ctx, input) : input.kind === 'web' ? webOf(input) : sandboxOf(input, number)
  const base = { id: newId(), workspaceId: ctx.workspaceId, number, kind: input.kind, hookKey: randomToken(24), lanes: LANES }
  return { ...base, ...own, name, settings, phone: phone ?? own.phone, pace: paceOf(input.kind, settings) }
}

function cloudOf(
  ctx: Context,
  { name, phone, settings, phoneNumberId, wabaId, accessToken, appSecret, verifyToken }: z.output<typeof Cloud>,
) {
  const credentials = ctx.ports.secretBox.seal(JSON.stringify({ accessToken, appSecret, verifyToken } satisfies CloudCredentials))
  return { name, phone, state: 'open' as const, settings: plain(settings), remoteId: phoneNumberId, accountId: wabaId, credentials }
}

/** Its number is known when a phone has linked it. */
const webOf = ({ name, settings }: z.output<typeof Web>) => ({
  name,
  phone: '',
  state: 'connecting' as const,
  settings: plain(settings),
  remoteId: undefined,
  accountId: undefined,
  credentials: undefined,
})

async function prepareLink(ctx: Context, channel: NewChannel): Promise<void> {
  await insertOwner(ctx.db, channel)
  await insertLink(ctx.db, channel, {})
}

function sandboxOf({ name, persona, settings }: z.output<typeof Sandbox>, number: number) {
  const identity = sandboxIdentity(persona, number)
  return {
    ...identity,
    state: 'open' as const,
    name: name ?? identity.name,
    settings: { ...plain(settings), persona },
    credentials: undefined,
  }
}

/** Without the keys that were not given. */
export const plain = <Given extends object>(given: Given): { [Key in keyof Given]: Exclude<Given[Key], undefined> } =>
  // the filter is what the type says
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Given]: Exclude<Given[Key], undefined>
  }
