import { randomBytes } from 'node:crypto'
import { type Device, post } from './devices.ts'
import { newStanzaId, node, seconds } from './nodes.wire.ts'
import { devicesOf, type WebState } from './web-state.ts'

/** What people do beside writing: it reaches the devices of a business as notices of the server. */

/** Their phone hands the business a token: whoever shows it is no stranger. */
export function tellTrust(state: WebState, number: string, person: string): void {
  const { phoneJid, lidJid } = state.people.of(person)
  const t = seconds(state.network.time.now())
  const token = node('token', { jid: phoneJid, t, type: 'trusted_contact' }, randomBytes(16))
  const attrs = { from: phoneJid, sender_lid: lidJid, type: 'privacy_token', id: newStanzaId(), t }
  for (const device of devicesOf(state, number)) post(device, node('notification', attrs, [node('tokens', {}, [token])]))
}

/** They have listened to a voice message. */
export function tellPlayed(state: WebState, number: string, wireId: string): void {
  const from = state.accounts.get(number)?.sentTo.get(wireId)
  if (from === undefined) throw new RangeError(`no message ${wireId}`)
  const attrs = { from, id: wireId, type: 'played', t: seconds(state.network.time.now()) }
  for (const device of devicesOf(state, number)) post(device, node('receipt', attrs))
}

/** They have a new phone: nothing that was sealed for the old one can be opened, and whoever wrote to them is told. */
export function changePhone(state: WebState, number: string): void {
  const person = state.people.of(number)
  person.renew()
  for (const { holders } of state.groupKeys.values()) holders.delete(number)
  const attrs = { from: person.lidJid, type: 'encrypt', t: seconds(state.network.time.now()) }
  const knows = ({ account }: Device) => state.network.chat(account.person.number, number) !== undefined
  for (const account of state.accounts.values()) {
    for (const device of [...account.devices.values()].filter(knows))
      post(device, node('notification', { ...attrs, id: newStanzaId() }, [node('identity')]))
  }
}
