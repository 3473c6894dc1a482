import { type Pacing, pacingOf, type TransportChannelEntry } from '#core/channels'
import type { Capabilities, Transport } from '#core/transport'
import type { Ports } from '#kit/context'
import type { Claim } from './claim-messages.ts'

/** The channels of what is claimed, as the directory knows them at that moment. */
export function openClaimedChannels({ channels: directory, transports }: Pick<Ports, 'channels' | 'transports'>) {
  const channels = new Map<string, TransportChannelEntry>()
  const transportOf = (channel: TransportChannelEntry): Transport | undefined => transports.get(channel.kind)
  return {
    /** Asked for together they are one look at the database. */
    async load(claim: Claim): Promise<void> {
      const workspaceOf = new Map(claim.rows.map(({ channelId, workspaceId }) => [channelId, workspaceId]))
      const load = async ([channelId, workspaceId]: [string, string]) => {
        const channel = await directory.get(workspaceId, channelId)
        if (channel) channels.set(channelId, channel)
        else channels.delete(channelId)
      }
      await Promise.all([...workspaceOf].map(load))
    },
    get: (channelId: string) => channels.get(channelId),
    transportOf,
    /** undefined: the channel is gone, or its kind is not open here. */
    capabilitiesOf(channelId: string): Capabilities | undefined {
      const channel = channels.get(channelId)
      return channel && transportOf(channel)?.capabilities(channel)
    },
    /** What is started of it can leave from here. */
    isReady(channelId: string): boolean {
      const channel = channels.get(channelId)
      return (channel && transportOf(channel)?.isReady?.(channel)) ?? true
    },
    /** undefined: it is no own number. */
    pacingOf(channelId: string): Pacing | undefined {
      const channel = channels.get(channelId)
      return channel?.kind === 'web' ? pacingOf(channel.channel.settings) : undefined
    },
  }
}
