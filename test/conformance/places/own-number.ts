import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNetwork } from '../../../server/src/simulator/index.ts'
import { createWebServer, type WebServer } from '../../../server/src/simulator/web/index.ts'
import { eventually, type LiveHouse, openLiveHouse } from '../house.ts'
import { holdPhones } from './held-phones.ts'
import type { Place } from './place.ts'

const NUMBER = '+551110000101'
/** Without the rules for new people, and so fast that a campaign can still be caught at work. */
const SETTINGS = { rate: 25, pacing: { cold: 'off', jitterPercent: 0, personSeconds: 0 } }
const LINKED_WITHIN_MS = 30_000

/** The live workspace of a new house with a number that a person has linked; WhatsApp's side of it is a local server. */
export async function openOwnNumber(): Promise<Place> {
  const network = createNetwork()
  const server = createWebServer({ network })
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-ca-'))
  const closeNetwork = async () => {
    await server.close()
    network.close()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const { socketUrl, ca } = await server.listen()
    writeFileSync(join(folder, 'ca.pem'), ca)
    const house = await openLiveHouse({ CHASQUI_WEB_SOCKET_URL: socketUrl, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') })
    const close = () => house.close().finally(closeNetwork)
    const channelId = await makeChannel(house).catch((error: unknown) => close().then(() => Promise.reject(error)))
    const { keys, live } = house.firstRun
    const comeBack = () => link({ house, server, channelId })
    await comeBack().catch((error: unknown) => close().then(() => Promise.reject(error)))
    return {
      url: house.url,
      keys: live.keys,
      other: { keys },
      number: NUMBER,
      facts: { engines: 1, platform: 'web', newsletterAck: 1, crowd: 40 },
      phones: holdPhones(network, NUMBER),
      ask: (path, asked) => house.ask(path, { key: live.keys.blueticks, ...asked }),
      comeBack,
      async close() {
        await close()
        const complaints = server.complaints()
        if (complaints.length > 0) throw new Error(complaints.join('\n'))
      },
    }
  } catch (error) {
    await closeNetwork()
    throw error
  }
}

async function makeChannel({ ask, firstRun }: LiveHouse): Promise<string> {
  const made = await ask('/v2/channels', { key: firstRun.live.keys.canonical, body: { kind: 'web', name: 'Shop', settings: SETTINGS } })
  if (made.status !== 201) throw new Error(`no channel: ${made.text}`)
  return String(made.body.id)
}

/** A person scans what the channel shows. */
async function link({ house, server, channelId }: { house: LiveHouse; server: WebServer; channelId: string }): Promise<void> {
  const key = house.firstRun.live.keys.canonical
  const ask = async (path: string, method = 'GET') => {
    const told = await house.ask(`/v2/channels/${channelId}${path}`, { key, method })
    if (told.status >= 300) throw new Error(`${method} ${path} of the channel answered ${told.status}: ${told.text}`)
    return told.body
  }
  if ((await ask('')).state === 'closed') await ask('/relink', 'POST')
  const text = await eventually(async () => ((await ask('/qr')).qr as { text: string } | null | undefined)?.text, LINKED_WITHIN_MS)
  await server.scan(NUMBER, text)
  await eventually(async () => (await ask('')).state === 'open', LINKED_WITHIN_MS)
}
