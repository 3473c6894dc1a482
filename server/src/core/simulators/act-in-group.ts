import { z } from 'zod'
import { normalisePhone } from '#core/addresses'
import { GroupDescription, GroupName } from '#core/groups'
import type { GroupAct, SimulatedGroup } from '#core/transport'
import type { Context } from '#kit/context'
import { DomainError, noSuch } from '#kit/errors'
import { operation } from '#kit/operation'
import { reachSimulatedGroup } from './reach-group.ts'

const Phone = z.string().min(1).max(32)
const Phones = z.array(Phone).min(1).max(256)

/** What a simulated phone does in a group. */
export const PhoneInGroup = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('write'), text: z.string().min(1).max(4_096), replyTo: z.string().max(512).optional() }),
  z.strictObject({ act: z.literal('join') }),
  z.strictObject({ act: z.literal('leave') }),
  z.strictObject({ act: z.literal('change'), name: GroupName.optional(), description: GroupDescription.optional() }),
  z.strictObject({ act: z.literal('add'), phones: Phones }),
  z.strictObject({ act: z.enum(['remove', 'promote', 'demote']), phones: Phones }),
])
export type PhoneInGroup = z.output<typeof PhoneInGroup>

const CODES = { not_found: 'conflict', not_allowed: 'conflict', invalid: 'invalid', unavailable: 'unavailable' } as const

export const actInGroup = operation({
  name: 'simulator.act-in-group',
  does: 'Let a simulated phone write into a group, join it by its link, leave it, change its name, or do as an admin does.',
  needs: 'simulator:write',
  input: z.strictObject({ groupId: z.uuid(), phone: Phone, does: PhoneInGroup }),
  async run(ctx, { groupId, phone, does }): Promise<{ wireId: string | undefined }> {
    const { simulated } = await reachSimulatedGroup(ctx, groupId)
    const who = normalisePhone(phone, 'US')
    if (does.act === 'write') return { wireId: write(ctx, simulated, who, does) }
    const verdict = ctx.ports.simulator.actInGroup(who, simulated, toAct(does))
    if (verdict.kind === 'refused') throw new DomainError(CODES[verdict.code], verdict.reason)
    const [first] = verdict.refused
    if (first && 'phones' in does && verdict.refused.length >= does.phones.length) throw new DomainError('conflict', first.reason)
    return { wireId: undefined }
  },
})

const toAct = (does: Exclude<PhoneInGroup, { act: 'write' }>): GroupAct =>
  'phones' in does ? { act: does.act, people: does.phones.map((one) => normalisePhone(one, 'US', 'phones')) } : does

function write(ctx: Context, group: SimulatedGroup, who: string, { text, replyTo }: PhoneInGroup & { act: 'write' }): string {
  const { simulator } = ctx.ports
  const role = group.members.get(who)
  if (role === undefined) throw new DomainError('conflict', 'This phone is not in the group')
  if (role === 'member' && group.onlyAdminsWrite) throw new DomainError('conflict', 'Only admins write in this group')
  const { business, address } = group
  if (replyTo !== undefined && !simulator.chat(business, address)?.bubbles.has(replyTo)) throw noSuch('replyTo', 'message')
  return simulator.reply(who, business, { content: { type: 'text', text }, contextWireId: replyTo, group: address })
}
