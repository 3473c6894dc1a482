import { expect, it } from 'vitest'
import { createNetwork } from '../network.ts'
import { acknowledged, newAccount, newDevice, post } from './devices.ts'
import { node } from './nodes.wire.ts'
import { openPeople } from './people.ts'

const NOTHING = Buffer.alloc(0)
const KEYS = { identity: NOTHING, registrationId: 1, signedPreKey: { id: 1, value: NOTHING, signature: NOTHING }, noiseKey: NOTHING }

it('what waits too long for a device that is away is a failure of the server, not a silence', () => {
  const network = createNetwork({})
  const failures: Error[] = []
  const account = newAccount(openPeople(network).of('+15550000000'), (error) => failures.push(error))
  const device = newDevice(account, 1, KEYS)
  for (let i = 0; i < 20_000; i++) post(device, node('message', { id: i }))
  expect(failures).toEqual([])
  for (let i = 20_000; i < 23_000; i++) post(device, node('message', { id: i }))
  expect(failures.map(({ message }) => message)).toEqual(['2501 stanzas waited too long for 15550000000:1@s.whatsapp.net and are lost'])
  acknowledged(device, 'message', { id: '22999' })
  expect(device.waiting.has('message 22999')).toBe(false)
  network.close()
})
