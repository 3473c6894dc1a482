import { randomBytes } from 'node:crypto'
import { generateSignalPubKey, proto } from 'baileys'
import type { CompanionKeys, Device } from './devices.ts'
import { deviceLidJid } from './devices.ts'
import { newStanzaId, node, SERVER_JID, seconds } from './nodes.wire.ts'
import { isSigned } from './signatures.ts'
import { devicesOf, type Session, type WebState } from './web-state.ts'

const REFS = 6

/** A client says who it is: a linked device, or somebody who wants to be linked. */
export function takeLogin(state: WebState, session: Session, payload: Uint8Array): void {
  const { devicePairingData, username, device, userAgent } = proto.ClientPayload.decode(payload)
  if (devicePairingData) welcomeCandidate(session, devicePairingData)
  else admit(state, session, { number: `+${username}`, id: device ?? 0, revision: userAgent?.appVersion?.tertiary ?? 0 })
}

type Login = { number: string; id: number; revision: number }

function admit(state: WebState, session: Session, { number, id, revision }: Login): void {
  const known = devicesOf(state, number).find((one) => one.id === id)
  const isOurs = known !== undefined && session.connection.clientKey.equals(known.noiseKey)
  const isOld = revision < (state.faults.oldestRevisions.get(number) ?? 0)
  const failure = state.faults.loginFailures.get(number) ?? (isOld ? 405 : isOurs ? undefined : 401)
  if (state.faults.stalled.has(number)) return
  if (state.faults.refusing.has(number)) session.connection.cut()
  else if (failure !== undefined) refuse(session, failure)
  else if (known) welcome(state, session, known)
}

function refuse({ connection }: Session, reason: number): void {
  connection.end(node('failure', { reason, location: 'sim' }))
}

/** A device has one connection: the one that was there before is told to go. */
function welcome({ network }: WebState, session: Session, device: Device): void {
  device.connection?.end(node('stream:error', {}, [node('conflict', { type: 'replaced' })]))
  device.connection = session.connection
  device.isActive = false
  session.device = device
  session.connection.send(node('success', { t: seconds(network.time.now()), props: 30, location: 'sim', lid: deviceLidJid(device) }))
}

function welcomeCandidate(session: Session, told: proto.ClientPayload.IDevicePairingRegistrationData): void {
  const keys = keysOf(told, session.connection.clientKey)
  const { value, signature } = keys.signedPreKey
  if (!isSigned(keys.identity, generateSignalPubKey(value), signature)) {
    refuse(session, 401)
    return
  }
  const refs = Array.from({ length: REFS }, () => `2@${randomBytes(48).toString('base64')}`)
  session.candidate = { keys, refs, signing: undefined, code: undefined }
  const refNodes = refs.map((ref) => node('ref', {}, Buffer.from(ref)))
  session.connection.send(
    node('iq', { from: SERVER_JID, type: 'set', id: newStanzaId(), xmlns: 'md' }, [node('pair-device', {}, refNodes)]),
  )
}

function keysOf(told: proto.ClientPayload.IDevicePairingRegistrationData, noiseKey: Uint8Array): CompanionKeys {
  const bytes = (value: Uint8Array | null | undefined): Buffer => Buffer.from(value ?? [])
  const whole = (value: Uint8Array | null | undefined): number => Number(`0x${bytes(value).toString('hex') || '0'}`)
  return {
    identity: bytes(told.eIdent),
    registrationId: whole(told.eRegid),
    signedPreKey: { id: whole(told.eSkeyId), value: bytes(told.eSkeyVal), signature: bytes(told.eSkeySig) },
    noiseKey,
  }
}
