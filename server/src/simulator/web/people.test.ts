import { expect, it } from 'vitest'
import { createNetwork } from '../network.ts'
import { openPeople } from './people.ts'

it('forgets people that came long ago, but nobody whose phone has linked devices', () => {
  const network = createNetwork({})
  const people = openPeople(network)
  const [shop, ann] = [people.keep('+15550000000'), people.of('+15550000001')]
  for (let i = 0; i < 60_000; i++) people.of(`+1556${String(i).padStart(7, '0')}`)
  expect(people.of(ann.number)).not.toBe(ann)
  expect(people.of(shop.number)).toBe(shop)
  network.close()
})
