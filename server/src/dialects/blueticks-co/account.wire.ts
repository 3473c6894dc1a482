import { type Channel, isAble } from '#core/channels'
import type { WorkspaceEntry } from '#core/workspaces'
import type { Actor } from '#kit/context'
import { dual } from './dual.wire.ts'
import { showId } from './ids.wire.ts'
import { showScopes } from './scopes.ts'

/** A linked number; ours live on the server, day and night. */
export function showEngine(channel: Pick<Channel, 'id' | 'kind' | 'state'>) {
  const connected = isAble(channel)
  return {
    id: showId('eng', channel.id),
    type: 'gateway' as const,
    connected,
    state: channel.state.toUpperCase(),
    stream: connected ? 'CONNECTED' : 'DISCONNECTED',
    hasSynced: connected,
  }
}

/** By channel; one that no phone has linked yet is not in it. */
export const phonesOf = (channels: readonly Pick<Channel, 'id' | 'phone'>[]): ReadonlyMap<string, string> =>
  new Map(channels.filter(({ phone }) => phone !== '').map(({ id, phone }) => [id, phone]))

type Engine = ReturnType<typeof showEngine>

/** The number that messages leave from: the first that is connected; nobody's is null. */
export function showEngineMe(channels: readonly Channel[]) {
  const channel = channels.find(isAble)
  return { phone: channel?.phone ?? null, name: channel?.name ?? null, platform: channel?.kind ?? null }
}

/** The list for today's clients, the first number at the top for the first ones. */
export function showEngines(engines: readonly Engine[]) {
  const nobody = { id: null, type: null, connected: false, state: null, stream: null, hasSynced: null }
  return { ...dual(engines[0] ?? nobody), success: true as const, data: engines.map(dual) }
}

export function showPing({ workspaceId, scopes }: Actor, channels: readonly Channel[], keyPrefix: string) {
  const connected = channels.map(showEngine).filter((engine) => engine.connected)
  return {
    api: 'ok' as const,
    accountId: showId('wsp', workspaceId),
    whatsappConnections: connected.map(({ id, type }) => ({ id, type, connected: true as const })),
    message: connected.length > 0 ? null : 'No WhatsApp number is connected to this account',
    keyPrefix,
    scopes: showScopes(scopes),
  }
}

export const showAccount = (workspace: WorkspaceEntry) => ({
  id: showId('wsp', workspace.id),
  name: workspace.organizationName,
  userEmail: null,
  timezone: workspace.timeZone,
  createdAt: workspace.createdAt.toISOString(),
})
