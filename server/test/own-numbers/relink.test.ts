import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../house.ts'
import { openNumberStage } from './number-stage.ts'

let stage: Awaited<ReturnType<typeof openNumberStage>>
beforeAll(async () => {
  stage = await openNumberStage()
}, 60_000)
afterAll(() => stage.close())

/** More often than a phone has room for devices. */
const ROUNDS = 6

test('logged out and asked to be linked in the same breath: there is a QR, and the phone lists no device of before', async () => {
  const { id, number } = await stage.link()
  for (let round = 1; round <= ROUNDS; round++) {
    const asks = async (verb: string) => expect((await stage.call('POST', `/v2/channels/${id}/${verb}`)).status, verb).toBe(200)
    if (round % 2 === 0) await asks('reload') // the old identity is on its way back
    await asks('logout')
    await asks('relink')
    const qr = async () => (await stage.call<{ qr: { text: string } | null }>('GET', `/v2/channels/${id}/qr`)).body.qr?.text
    await stage.server.scan(number, await eventually(qr, 20_000))
    await stage.until(id, 'open')
    expect(stage.server.devices(number)).toHaveLength(1)
  }
}, 120_000)
