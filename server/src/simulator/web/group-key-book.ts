import type { proto } from 'baileys'
import { putBounded } from '../bounded-map.ts'
import { createGroupKey, type GroupKey } from './group-keys.ts'
import type { WebState } from './web-state.ts'

const KEYS_MOST = 50_000

/** The key with which somebody, a phone or a device, writes into a group. */
export function groupKeyOf({ groupKeys }: WebState, group: string, writer: string): GroupKey {
  const name = `${group} ${writer}`
  const known = groupKeys.get(name)
  if (known) return known
  const key = createGroupKey(group)
  putBounded(groupKeys, { key: name, value: key }, KEYS_MOST)
  return key
}

/** The message that hands a key over. */
export const distributionOf = async (key: GroupKey, groupId: string): Promise<proto.IMessage> => ({
  senderKeyDistributionMessage: { groupId, axolotlSenderKeyDistributionMessage: await key.distribution() },
})
