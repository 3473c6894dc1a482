import type { GroupAct, SimulatedGroup } from '#core/transport'
import { post } from './devices.ts'
import { groupNode, noticesOf } from './groups.wire.ts'
import { type Node, newStanzaId, node, seconds } from './nodes.wire.ts'
import { devicesOf, type WebState } from './web-state.ts'

type Deed = { group: SimulatedGroup; who: string; at: number; act: GroupAct; id?: string }

/** Somebody did something in a group, the business itself perhaps: its devices are told. */
export function tellGroupAct(state: WebState, { group, who, at, act, id = newStanzaId() }: Deed): void {
  const notices = noticesOf(state.people, { act, who, at })
  for (const [place, notice] of notices.entries()) tell(state, { group, who, at, id: `${id}-${place}` }, notice)
  if (act.act === 'change' && act.picture) tellPicture(state, { group, who, at, id })
}

export function tellFounded(state: WebState, group: SimulatedGroup): void {
  const at = state.network.time.now()
  tell(state, { group, who: group.business, at, id: newStanzaId() }, node('create', { type: 'new' }, [groupNode(state.people, group)]))
}

type Envelope = { group: SimulatedGroup; who: string; at: number; id: string }

function tell(state: WebState, { group, who, at, id }: Envelope, notice: Node): void {
  const { lidJid, phoneJid } = state.people.of(who)
  const attrs = {
    from: group.address,
    type: 'w:gp2',
    id,
    t: seconds(at),
    participant: lidJid,
    participant_pn: phoneJid,
    addressing_mode: 'lid',
  }
  for (const device of devicesOf(state, group.business)) post(device, node('notification', attrs, [notice]))
}

function tellPicture(state: WebState, { group, who, at, id }: Envelope): void {
  const set = node('set', { jid: group.address, id: seconds(at), author: state.people.of(who).lidJid })
  for (const device of devicesOf(state, group.business)) {
    post(device, node('notification', { from: group.address, type: 'picture', id, t: seconds(at) }, [set]))
  }
}
