import { z } from 'zod'
import { type Control, type ControlAnswer, type ControlCall, createControl, done, json } from '../control.ts'
import type { Network } from '../network.types.ts'
import type { WebServer } from './web-server.types.ts'

const PhoneNumber = z.string().min(5).max(32)
const Code = z.int().min(400).max(599)
const Scan = z.strictObject({ number: PhoneNumber, qr: z.string().max(4096) })
const Letters = z.strictObject({ number: PhoneNumber, code: z.string().min(8).max(16) })
const Own = z.strictObject({ number: PhoneNumber, to: z.string().min(5).max(64), text: z.string().min(1).max(4096) })
const OneNumber = z.strictObject({ number: PhoneNumber })

/** A fault between a client and WhatsApp; what is null, 0 or off ends it. */
const WebFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('close'), number: PhoneNumber, code: Code }),
  z.strictObject({ kind: z.literal('fail_login'), number: PhoneNumber, code: Code.nullable() }),
  z.strictObject({ kind: z.literal('drop'), number: PhoneNumber }),
  z.strictObject({ kind: z.literal('refuse'), number: PhoneNumber, on: z.boolean() }),
  z.strictObject({ kind: z.literal('black_hole'), number: PhoneNumber, on: z.boolean() }),
  z.strictObject({ kind: z.literal('refuse_messages'), to: z.string().min(5).max(64), code: Code.nullable() }),
  z.strictObject({ kind: z.literal('hold_acks'), number: PhoneNumber }),
  z.strictObject({ kind: z.literal('release_acks'), number: PhoneNumber, order: z.enum(['kept', 'reversed']).default('kept') }),
  z.strictObject({ kind: z.literal('delay_acks'), number: PhoneNumber, ms: z.int().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal('fail_decrypt'), phone: PhoneNumber, times: z.int().min(0).max(1000) }),
  z.strictObject({ kind: z.literal('address'), phone: PhoneNumber, by: z.enum(['number', 'lid', 'lid only']) }),
  z.strictObject({ kind: z.literal('redeliver'), wireId: z.string().min(1).max(256) }),
  z.strictObject({ kind: z.literal('lock_reachout'), number: PhoneNumber, until: z.iso.datetime().nullable() }),
  z.strictObject({ kind: z.literal('clear') }),
])

type Steered = Pick<WebServer, 'scan' | 'enterCode' | 'unlink' | 'ownMessage' | 'devices' | 'faults' | 'unknown'>

export const createWebControl = (network: Network, server: Steered, numbers: () => string[]): Control =>
  createControl({
    network,
    stats: () => ({ network: network.stats(), unknown: server.unknown().length }),
    businesses: () => numbers().map((number) => ({ number, devices: server.devices(number) })),
    steer: (call) => (call.method === 'POST' ? steer(server, call) : undefined),
  })

function steer(server: Steered, { what, sent }: ControlCall): ControlAnswer | Promise<ControlAnswer> | undefined {
  switch (what) {
    case 'scan': {
      const { number, qr } = Scan.parse(sent)
      return tried(server.scan(number, qr))
    }
    case 'code': {
      const { number, code } = Letters.parse(sent)
      return tried(server.enterCode(number, code))
    }
    case 'unlink':
      server.unlink(OneNumber.parse(sent).number)
      return done()
    case 'own-messages': {
      const { number, to, text } = Own.parse(sent)
      return tried(server.ownMessage(number, to, { type: 'text', text }).then((wireId) => ({ wireId })))
    }
    case 'web-faults':
      return tried(switchOn(server.faults, WebFault.parse(sent)))
    default:
      return undefined
  }
}

/** What the simulated phone or server does not do is the caller's mistake. */
const tried = (work: Promise<unknown>): Promise<ControlAnswer> =>
  work.then(
    (facts) => (facts === undefined ? done() : json(facts)),
    (error: Error) => json({ error: error.message }, 409),
  )

async function switchOn(faults: WebServer['faults'], fault: z.output<typeof WebFault>): Promise<void> {
  switch (fault.kind) {
    case 'close':
      return faults.close(fault.number, fault.code)
    case 'fail_login':
      return faults.failLogin(fault.number, fault.code ?? undefined)
    case 'drop':
      return faults.drop(fault.number)
    case 'refuse':
      return faults.refuse(fault.number, fault.on)
    case 'black_hole':
      return faults.blackHole(fault.number, fault.on)
    case 'refuse_messages':
      return faults.refuseMessages(fault.to, fault.code ?? undefined)
    case 'hold_acks':
      return faults.holdAcks(fault.number)
    case 'release_acks':
      return faults.releaseAcks(fault.number, fault.order)
    case 'delay_acks':
      return faults.delayAcks(fault.number, fault.ms)
    case 'fail_decrypt':
      return faults.failDecrypt(fault.phone, fault.times)
    case 'address':
      return faults.address(fault.phone, fault.by)
    case 'redeliver':
      return faults.redeliver(fault.wireId)
    case 'lock_reachout':
      return faults.lockReachout(fault.number, fault.until === null ? undefined : Date.parse(fault.until))
    case 'clear':
      return faults.clear()
  }
}
