import { type Identity, withPlus } from '#core/addresses'
import type { Sender } from '#core/transport'

/** Everything a network told of who somebody is; a number without its plus gets one. */
export function identitiesOf({ phone, waId, bsuid, lid }: Sender): Identity[] {
  const identities: Identity[] = []
  const number = phone ?? waId
  if (number) identities.push({ kind: 'phone', value: withPlus(number) })
  if (waId) identities.push({ kind: 'wa_id', value: waId })
  if (bsuid) identities.push({ kind: 'bsuid', value: bsuid })
  if (lid) identities.push({ kind: 'lid', value: lid })
  return identities
}

/** Where messages to somebody may go, the best first: a number, else an id. */
export function addressesOf({ phone, waId, bsuid, lid }: Sender): string[] {
  const number = phone ?? waId
  return [number ? withPlus(number) : [], bsuid ?? [], lid ?? []].flat()
}
