import { keyOf, received, TIME, wireIdOf } from './models.ts'
import type { Expected } from './receiver.ts'
import { acks, ask, chatOf, type Deed, own, said, say, type World } from './world.ts'

const [ANA, BO, CY, DI] = ['+14155550421', '+14155550422', '+14155550423', '+14155550424'] as const

/** Founds a group of Ana and Bo; `id` at this door, `act` for what its people do. */
async function found(world: World, name: string) {
  const { id } = await ask(world, 'POST', '/v1/groups', { name, participants: [ANA, BO] })
  const act = (number: string, does: Record<string, unknown>) => world.house.phones.actInGroup(number, String(id), does)
  return { id: String(id), path: `/v1/groups/${encodeURIComponent(String(id))}`, act }
}

/** Who came, went, or rose, by whom. */
const change = (type: string, groupId: string, { by, who, ...more }: { by: string; who: string; isAdmin?: boolean }): Expected => ({
  type,
  where: { groupId, participants: [who], by, ...more },
  data: { groupId, participants: [who], by, timestamp: TIME, ...more },
})

const words = (word: 'name' | 'description', groupId: string, said: { is: string; was: string | null; by: string }): Expected => ({
  type: `group_${word}_changed_webhook`,
  where: { groupId, [word]: said.is },
  data: { groupId, [word]: said.is, previous: said.was, by: said.by, timestamp: TIME },
})

export const GROUPS: readonly Deed[] = [
  {
    title: 'people of a group come, go and rise, by us and by themselves',
    names: [
      'participant_added_by_admin_webhook',
      'participant_joined_via_link_webhook',
      'participant_left_group_webhook',
      'participant_kicked_from_group_webhook',
      'group_admin_changed_webhook',
    ],
    async happens(world) {
      const { id, path, act } = await found(world, 'Drivers')
      const us = chatOf(own(world))
      const [ana, cy, di] = [ANA, CY, DI].map(chatOf) as [string, string, string] // three in, three out
      await ask(world, 'POST', `${path}/members`, { chatId: CY })
      await act(DI, { act: 'join' })
      await act(DI, { act: 'leave' })
      await ask(world, 'POST', `${path}/members/${ana}/admin`)
      await act(ANA, { act: 'remove', phones: [CY] })
      await act(ANA, { act: 'add', phones: [DI] })
      await act(ANA, { act: 'promote', phones: [DI] })
      await world.hears({ type: 'group_admin_changed_webhook', where: { groupId: id, by: ana } }) // what people do comes in a moment later
      await ask(world, 'DELETE', `${path}/members/${di}/admin`)
      await ask(world, 'DELETE', `${path}/members/${di}`)
      await ask(world, 'DELETE', `${path}/members/me`)
      return [
        change('participant_added_by_admin_webhook', id, { by: us, who: cy }),
        change('participant_joined_via_link_webhook', id, { by: di, who: di }),
        change('participant_left_group_webhook', id, { by: di, who: di }),
        change('group_admin_changed_webhook', id, { by: us, who: ana, isAdmin: true }),
        change('participant_kicked_from_group_webhook', id, { by: ana, who: cy }),
        change('participant_added_by_admin_webhook', id, { by: ana, who: di }),
        change('group_admin_changed_webhook', id, { by: ana, who: di, isAdmin: true }),
        change('group_admin_changed_webhook', id, { by: us, who: di, isAdmin: false }),
        change('participant_kicked_from_group_webhook', id, { by: us, who: di }),
        change('participant_left_group_webhook', id, { by: us, who: us }),
      ]
    },
  },
  {
    title: 'a group gets another name and description, from us and from its people',
    names: ['group_name_changed_webhook', 'group_description_changed_webhook'],
    async happens(world) {
      const { id, path, act } = await found(world, 'Watched')
      const [us, ana] = [chatOf(own(world)), chatOf(ANA)]
      await ask(world, 'PATCH', path, { name: 'Seen', settings: { description: 'Routes' } })
      await act(ANA, { act: 'change', name: 'Night crew', description: 'All of it' })
      return [
        words('name', id, { is: 'Seen', was: 'Watched', by: us }),
        words('description', id, { is: 'Routes', was: null, by: us }),
        words('name', id, { is: 'Night crew', was: 'Seen', by: ana }),
        words('description', id, { is: 'All of it', was: 'Routes', by: ana }),
      ]
    },
  },
  {
    title: 'a group is written in: receipts, answers, pins',
    names: ['ack_changed_webhook', 'new_message_received_webhook', 'reply_to_my_message_webhook', 'group_message_pinned_webhook'],
    async happens(world) {
      const { id: chatId, act } = await found(world, 'Talk')
      const us = chatOf(own(world))
      const key = await say(world, chatId, { text: 'Who drives?' })
      const spoken = await act(ANA, { act: 'write', text: 'I can' })
      const answered = await act(BO, { act: 'write', text: 'Me', replyTo: wireIdOf(key) })
      const one = received({ chatId, participant: chatOf(ANA), to: us, wireId: spoken, text: 'I can' })
      const quotedMessage = { waMessageKey: keyOf(true, chatId, wireIdOf(key)), text: 'Who drives?', type: 'chat', author: us }
      const two = received({ chatId, participant: chatOf(BO), to: us, wireId: answered, text: 'Me', quotedMessage })
      const pin = async (does: 'pin' | 'unpin'): Promise<Expected> => {
        await ask(world, 'POST', `/v1/messages/${does}/${encodeURIComponent(key)}`)
        const pinned = does === 'pin'
        const where = { groupId: chatId, pinned }
        return { type: 'group_message_pinned_webhook', where, data: { ...where, key, by: us, timestamp: TIME } }
      }
      return [
        ...acks(key, chatId, [
          [1, 0],
          [2, 1],
          [3, 2],
        ]),
        said('new_message_received_webhook', chatId, one),
        said('new_message_received_webhook', chatId, two),
        said('reply_to_my_message_webhook', chatId, two),
        await pin('pin'),
        await pin('unpin'),
      ]
    },
  },
]
