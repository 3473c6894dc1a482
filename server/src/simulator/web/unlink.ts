import type { Account, Device } from './devices.ts'
import { node } from './nodes.wire.ts'

/** A device is linked no more, whoever ended it. */
export function unlinkDevice({ account, id, connection }: Device): void {
  account.devices.delete(id)
  connection?.end(node('stream:error', { code: 401 }, [node('conflict', { type: 'device_removed' })]))
}

export const unlinkAll = (account: Account | undefined): void => {
  for (const device of account?.devices.values() ?? []) unlinkDevice(device)
}
