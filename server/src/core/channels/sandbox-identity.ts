import type { Channel, Persona } from './channel.ts'

/** The last four digits 0000 to 0009 mean something on the simulated network; no channel of ours ends in them. */
const MAGIC_ENDINGS = 10
const ENDINGS = 10_000 - MAGIC_ENDINGS
const BLOCKS = 1_000

type SandboxIdentity = Pick<Channel, 'name' | 'phone' | 'remoteId' | 'accountId'>

/** Number and ids of a simulated channel, made from the channel's own number: no two alike within ten million channels. */
export function sandboxIdentity(persona: Persona, number: number): SandboxIdentity {
  const block = String(Math.floor(number / ENDINGS) % BLOCKS).padStart(3, '0')
  const ending = String(MAGIC_ENDINGS + (number % ENDINGS)).padStart(4, '0')
  const phone = `+1555${block}${ending}`
  const serial = String(number).padStart(13, '0')
  if (persona === 'own_number') return { name: 'Sandbox: own number', phone, remoteId: undefined, accountId: undefined }
  return { name: 'Sandbox: cloud', phone, remoteId: `10${serial}`, accountId: `20${serial}` }
}
