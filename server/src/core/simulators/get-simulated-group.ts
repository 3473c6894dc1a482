import { z } from 'zod'
import type { GroupRole } from '#core/transport'
import { operation } from '#kit/operation'
import { reachSimulatedGroup } from './reach-group.ts'
import type { SimulatedBubble } from './simulator.ts'

export type GroupChat = {
  groupId: string
  channelId: string
  address: string
  name: string
  typing: boolean
  participants: { address: string; role: GroupRole }[]
  bubbles: SimulatedBubble[]
}

const BUBBLES_MOST = 200

export const getSimulatedGroup = operation({
  name: 'simulator.get-group',
  does: 'A group as the phones in it show it: who is in, and the last 200 messages, oldest first.',
  needs: 'simulator:read',
  input: z.strictObject({ groupId: z.uuid() }),
  async run(ctx, { groupId }): Promise<GroupChat> {
    const { group, simulated } = await reachSimulatedGroup(ctx, groupId)
    const { business, address, name, members } = simulated
    const chat = ctx.ports.simulator.chat(business, address)
    return {
      groupId,
      channelId: group.channelId,
      address,
      name,
      typing: (chat?.typingUntil ?? 0) > ctx.now().getTime(),
      participants: [...members].map(([one, role]) => ({ address: one, role })),
      bubbles: [...(chat?.bubbles.values() ?? [])].slice(-BUBBLES_MOST),
    }
  },
})
