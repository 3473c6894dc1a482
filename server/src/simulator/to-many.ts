import type { SimulatedGroup } from '#core/transport'
import { isGroup, isNewsletter } from './groups.ts'
import type { Step } from './journeys.ts'
import { behaviourOf } from './magic-numbers.ts'
import type { NetworkState } from './network-state.ts'
import type { Phone } from './phones.ts'

type Sending = { business: string; phone: Phone }

export const isForMany = ({ number }: Phone): boolean => isGroup(number) || isNewsletter(number)

/** Whether this number is there, and let speak. */
export function mayWriteIn(group: SimulatedGroup | undefined, number: string): boolean {
  const role = group?.members.get(number)
  return role !== undefined && (role !== 'member' || !group?.onlyAdminsWrite)
}

/** Whose phones it goes to: one, or all of a group but the writer's. */
export function receiversOf(state: NetworkState, { business, phone }: Sending): string[] {
  const group = isForMany(phone) ? state.groups.find(business, phone.number) : undefined
  return group ? [...group.members.keys()].filter((number) => number !== business) : [phone.number]
}

export const stepsToMany = (state: NetworkState, sending: Sending): readonly Step[] =>
  state.journeys.toMany(
    receiversOf(state, sending).map((phone) => ({ phone, behaviour: behaviourOf(phone) })),
    isNewsletter(sending.phone.number),
  )
