import { type Account, type Device, deviceJid, deviceLidJid, post } from './devices.ts'
import { newStanzaId, node } from './nodes.wire.ts'

/** A companion has signed: it is one of the phone's devices now. */
export function addDevice(device: Device): void {
  const { account } = device
  tellDevices(account, device)
  account.devices.set(device.id, device)
}

/** A device is linked no more, whoever ended it. */
export function unlinkDevice(device: Device): void {
  const { account, id, connection } = device
  account.devices.delete(id)
  connection?.end(node('stream:error', { code: 401 }, [node('conflict', { type: 'device_removed' })]))
  tellDevices(account, device)
}

export const unlinkAll = (account: Account | undefined): void => {
  for (const device of account?.devices.values() ?? []) unlinkDevice(device)
}

/** The other devices look the list up again before they write next. */
function tellDevices({ person, devices }: Account, changed: Device): void {
  const update = node('update', { device_hash: newStanzaId() }, [
    node('device', { jid: deviceJid(changed) }),
    node('device', { jid: deviceLidJid(changed) }),
  ])
  for (const device of devices.values()) {
    post(device, node('notification', { from: person.phoneJid, type: 'devices', id: newStanzaId() }, [update]))
  }
}
