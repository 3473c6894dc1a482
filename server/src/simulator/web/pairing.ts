import { randomInt } from 'node:crypto'
import { Curve, hmacSign, proto, WA_ADV_ACCOUNT_SIG_PREFIX, WA_ADV_DEVICE_SIG_PREFIX } from 'baileys'
import { addDevice } from './device-list.ts'
import { type Account, newDevice } from './devices.ts'
import { bytesOf, descend, type Node, newStanzaId, node, SERVER_JID, seconds } from './nodes.wire.ts'
import { isSigned } from './signatures.ts'
import { accountOf, type Candidate, type Session, type WebState } from './web-state.ts'

const DEVICES_MOST = 4

/** The phone of a number scans what a companion shows. Resolves when the companion is linked. */
export async function scan(state: WebState, number: string, qr: string): Promise<void> {
  const [ref = '', noiseKey = '', identity = '', secret = ''] = qr.slice(qr.indexOf('#') + 1).split(',')
  const session = [...state.sessions].find(({ candidate }) => candidate?.refs.includes(ref))
  if (!session?.candidate) throw new Error('This QR code has expired, or was never shown')
  const { keys } = session.candidate
  const isTheirs = Buffer.from(keys.identity).equals(Buffer.from(identity, 'base64'))
  if (!isTheirs || !Buffer.from(keys.noiseKey).equals(Buffer.from(noiseKey, 'base64')))
    throw new Error('This QR code shows the keys of another client')
  await link(state, { session, candidate: session.candidate, number, secret: Buffer.from(secret, 'base64') })
}

const isFull = ({ devices }: Account): boolean => devices.size >= DEVICES_MOST
const fullWords = ({ person }: Account): string => `${person.number} has ${DEVICES_MOST} linked devices already`

type Linking = { session: Session; candidate: Candidate; number: string; secret: Buffer }

/** Vouches for a companion with the phone's own key and waits for its signature. */
export async function link(state: WebState, { session, candidate, number, secret }: Linking): Promise<void> {
  if (!state.network.isOnWhatsApp(number)) throw new Error(`${number} is not on WhatsApp`)
  const account = accountOf(state, number)
  if (isFull(account)) throw new Error(fullWords(account))
  const { identity } = account.person.signal
  const device = newDevice(account, account.nextDevice++, candidate.keys)
  const facts = { rawId: randomInt(1, 2 ** 31), timestamp: Math.floor(state.network.time.now() / 1000), keyIndex: device.id }
  const details = proto.ADVDeviceIdentity.encode({ ...facts, accountType: 0, deviceType: 0 }).finish()
  const accountSignature = Curve.sign(identity.private, Buffer.concat([WA_ADV_ACCOUNT_SIG_PREFIX, details, device.identity]))
  const signed = proto.ADVSignedDeviceIdentity.encode({ details, accountSignatureKey: identity.public, accountSignature }).finish()
  const sealed = proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac: hmacSign(signed, secret) }).finish()
  const stanzaId = newStanzaId()
  candidate.signing?.done(new Error('Another phone has scanned it since'))
  await new Promise<void>((resolve, reject) => {
    candidate.signing = { stanzaId, device, details, done: (error) => (error ? reject(error) : resolve()) }
    const { phoneJid, lidJid } = account.person
    const names = { jid: phoneJid.replace('@', `:${device.id}@`), lid: lidJid.replace('@', `:${device.id}@`) }
    session.connection.send(
      node('iq', { from: SERVER_JID, type: 'set', id: stanzaId, xmlns: 'md', t: seconds(state.network.time.now()) }, [
        node('pair-success', {}, [node('device-identity', {}, sealed), node('device', names), node('platform', { name: 'android' })]),
      ]),
    )
  })
}

/** The companion has signed in its turn: it is a device now and has to log in as one. */
export function takeSignature({ connection, candidate }: Session, answer: Node): void {
  const signing = candidate?.signing
  if (!signing || answer.attrs.id !== signing.stanzaId) return
  const { device, details } = signing
  const { account } = device
  const { identity } = account.person.signal
  const signed = proto.ADVSignedDeviceIdentity.decode(bytesOf(descend(answer, 'pair-device-sign', 'device-identity')))
  const message = Buffer.concat([WA_ADV_DEVICE_SIG_PREFIX, details, device.identity, identity.public])
  const hasSigned = isSigned(device.identity, message, signed.deviceSignature ?? Buffer.alloc(0))
  if (!hasSigned || isFull(account)) {
    signing.done(new Error(hasSigned ? fullWords(account) : 'The companion has not signed its identity'))
    connection.end(node('failure', { reason: 401, location: 'sim' }))
    return
  }
  addDevice(device)
  signing.done()
  connection.end(node('stream:error', { code: 515 }))
}
