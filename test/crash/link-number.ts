import type { WebServer } from '../../server/src/simulator/web/index.ts'
import { call, look } from './call.ts'
import { until } from './until.ts'

export type Linking = { url: string; key: string; server: Pick<WebServer, 'scan'>; number: string; rate: number }

const LINK_MS = 60_000

/** A phone scans the QR of a new channel, without rules for new people; answers its id when it is open. */
export async function linkNumber({ url, key, server, number, rate }: Linking): Promise<string> {
  const settings = { rate, pacing: { cold: 'off', jitterPercent: 0 } }
  const { id } = await call<{ id: string }>(`${url}/v2/channels`, key, { kind: 'web', name: `crash ${number}`, settings })
  let text: string | undefined
  await until(LINK_MS, 'there is a QR', async () => {
    text = (await look<{ qr: { text: string } | null }>(`${url}/v2/channels/${id}/qr`, key))?.qr?.text
    return text !== undefined
  })
  await server.scan(number, text ?? '')
  await until(LINK_MS, `${number} is linked`, async () => {
    const channel = await look<{ state: string }>(`${url}/v2/channels/${id}`, key)
    return channel?.state === 'open' || JSON.stringify(channel)
  })
  return id
}
