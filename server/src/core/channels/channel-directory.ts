import type { Transport, TransportChannel } from '#core/transport'
import { createBatcher } from '#kit/batcher'
import { createCache } from '#kit/cache'
import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import type { Channel, Persona } from './channel.ts'
import {
  type DirectoryRow,
  findByHookKey,
  findByPhone,
  findByRemoteId,
  findBySandboxNumber,
  findDefault,
  selectDirectory,
} from './directory.store.ts'

/** A channel as its transport sees it, with what the house knows of it; `queues`: the queue of each lane. */
export type TransportChannelEntry = TransportChannel & { channel: Channel; queues: Readonly<Record<number, number>> }

/**
 * Which channel a caller means: its id, else its number, else the workspace's usual one (of that persona if it has one). `givesWay`: another one
 * will do while that one is over.
 */
export type ChannelWish = {
  channelId?: string | undefined
  phone?: string | undefined
  persona?: Persona | undefined
  givesWay?: boolean | undefined
}

/** Channels with their open secrets, a few seconds old at most. What is deleted or unknown is undefined. */
export interface ChannelDirectory {
  get(workspaceId: string, channelId: string): Promise<TransportChannelEntry | undefined>
  find(workspaceId: string, wish: ChannelWish): Promise<TransportChannelEntry | undefined>
  byHookKey(hookKey: string): Promise<TransportChannelEntry | undefined>
  /** For roads inside the house, which know their own channels; never with an id that a caller gave. */
  byId(channelId: string): Promise<TransportChannelEntry | undefined>
  /** By Meta's phone number id. */
  byRemoteId(workspaceId: string, remoteId: string): Promise<TransportChannelEntry | undefined>
  /** By its number on the simulated network, which is one for all workspaces. */
  bySandboxNumber(phone: string): Promise<TransportChannelEntry | undefined>
  defaultFor(workspaceId: string, persona?: Persona): Promise<TransportChannelEntry | undefined>
  /** Called by changes on this node and on NOTIFY `channel:<id>`. */
  forget(channelId: string): void
}

declare module '#kit/context' {
  interface Ports {
    channels: ChannelDirectory
    secretBox: SecretBox
    transports: ReadonlyMap<Transport['kind'], Transport>
  }
}

const CHANNELS_MOST = 16_384
const AGE_MS = 5_000
const LOADS_MOST = 500

/** `db` is the owner's: one look serves many workspaces. */
export function openChannelDirectory({ db, secretBox }: { db: Db; secretBox: SecretBox }): ChannelDirectory {
  const entries = createCache<TransportChannelEntry>({ most: CHANNELS_MOST, ageMs: AGE_MS })
  /** From a hook key, a number or a wish to a channel's id. */
  const names = createCache<string>({ most: CHANNELS_MOST, ageMs: AGE_MS })
  let changes = 0

  const loads = createBatcher<string, TransportChannelEntry | undefined>({
    most: LOADS_MOST,
    lanes: 2,
    async write(ids) {
      const before = changes
      const rows = new Map((await selectDirectory(db, [...new Set(ids)])).map((row) => [row.channel.id, openRow(row, secretBox)]))
      // what was read before a change must not be remembered after it
      if (before === changes) for (const [id, entry] of rows) entries.set(id, entry)
      return ids.map((id) => rows.get(id))
    },
  })

  const byId = async (id: string): Promise<TransportChannelEntry | undefined> => entries.get(id) ?? loads.add(id)
  const byName = async (name: string, look: () => Promise<string | undefined>): Promise<TransportChannelEntry | undefined> => {
    const known = names.get(name)
    if (known !== undefined) return byId(known)
    const before = changes
    const id = await look()
    if (id === undefined) return undefined
    if (before === changes) names.set(name, id)
    return byId(id)
  }

  const usual = (workspaceId: string, wish: Pick<ChannelWish, 'persona' | 'givesWay'>) =>
    byName(`default ${workspaceId} ${wish.persona ?? ''} ${wish.givesWay ?? false}`, () => findDefault(db, workspaceId, wish))

  const directory: ChannelDirectory = {
    byId,
    async get(workspaceId, channelId) {
      const entry = await byId(channelId)
      return entry?.workspaceId === workspaceId ? entry : undefined
    },
    find(workspaceId, { channelId, phone, ...wish }) {
      if (channelId !== undefined) return directory.get(workspaceId, channelId)
      if (phone !== undefined) return byName(`phone ${workspaceId} ${phone}`, () => findByPhone(db, workspaceId, phone))
      return usual(workspaceId, wish)
    },
    byHookKey: (hookKey) => byName(`hook ${hookKey}`, () => findByHookKey(db, hookKey)),
    byRemoteId: (workspaceId, remoteId) => byName(`remote ${workspaceId} ${remoteId}`, () => findByRemoteId(db, workspaceId, remoteId)),
    bySandboxNumber: (phone) => byName(`sandbox ${phone}`, () => findBySandboxNumber(db, phone)),
    defaultFor: (workspaceId, persona) => usual(workspaceId, { persona }),
    forget(channelId) {
      changes++
      entries.delete(channelId)
      names.clear()
    },
  }
  return directory
}

function openRow({ channel, credentials, queues }: DirectoryRow, secretBox: SecretBox): TransportChannelEntry {
  const { id, workspaceId, kind, phone, settings } = channel
  // sealed by this noun alone: an object of strings
  const opened: Record<string, string> = credentials ? JSON.parse(secretBox.open(credentials)) : {}
  return { id, workspaceId, kind, number: phone, settings: withIds(settings, channel), credentials: opened, channel, queues }
}

/** A transport sees no columns of ours: what it must know of a channel stands in its settings. */
const withIds = (settings: Channel['settings'], { remoteId, accountId }: Channel) => ({
  ...settings,
  ...(remoteId !== undefined && { phoneNumberId: remoteId }),
  ...(accountId !== undefined && { wabaId: accountId }),
})
