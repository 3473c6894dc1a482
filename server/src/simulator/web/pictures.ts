import { isGroup } from '../groups.ts'
import type { WebState } from './web-state.ts'

/** Sets or takes away (no bytes) the picture of a number or a group; answers its id, or nothing when it may not be changed. */
export function changePicture(
  { network, pictures, media }: WebState,
  { of, by, bytes }: { of: string; by: string; bytes: Buffer | undefined },
): string | undefined {
  if (isGroup(of)) {
    const group = network.groups.find(by, of)
    const verdict = group && network.groups.act(group, by, { act: 'change', picture: true })
    if (verdict?.kind !== 'ok') return undefined
  }
  const id = String(network.time.now())
  if (bytes) pictures.set(of, { id, path: media.put(bytes).directPath })
  else pictures.delete(of)
  return id
}
