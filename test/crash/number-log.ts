import { openSecretBox } from '../../server/src/kit/crypto.ts'
import { call, look } from './call.ts'
import { type NumberWorld, openNumberWorld } from './number-world.ts'
import { openStage, type Stage } from './stage.ts'
import { until } from './until.ts'

export type LogReport = {
  /** What was printed and must not be. */
  leaked: string[]
  printed: number
  secrets: number
}

const PHONES = ['+12125550161', '+12125550162', '+12125550163']
const SECRET = 'c'.repeat(64)
const WAIT_MS = 40_000
const WORDS = ['privKey', 'Closing session', 'Closing open session', 'SessionEntry', 'rootKey', 'chainKey', 'Decrypted message', 'noiseKey']

/** The whole life of a number, with everything that its house prints, at its most talkative. */
export async function runLog(): Promise<LogReport> {
  let printed = ''
  const worlds: NumberWorld[] = []
  const stage = await openStage({
    random: Math.random,
    nodes: 1,
    rate: 1_000,
    environment: { CHASQUI_LOG_LEVEL: 'trace', CHASQUI_SECRET: SECRET },
    hear: (chunk) => {
      printed += chunk.toString('latin1')
    },
    async openWorld(random) {
      const world = await openNumberWorld(random)
      worlds.push(world)
      return world
    },
  })
  try {
    const [world] = worlds
    if (!world) throw new Error('there is no world')
    const secrets = new Set(await keysOf(stage))
    const said = await talk(stage, world)
    for (const secret of await keysOf(stage)) secrets.add(secret)
    world.server.unlink(world.number)
    await until(WAIT_MS, 'the number is closed', async () => (await stateOf(stage)) === 'closed')
    await stage.stop()
    const numbers = [world.number, ...PHONES].map((number) => number.slice(1))
    const shapes = [...secrets].flatMap(shapesOf)
    const leaked = [...WORDS, ...said, ...numbers, ...shapes].filter((word) => printed.includes(word))
    return { leaked, printed: printed.length, secrets: secrets.size }
  } finally {
    await stage.clear()
  }
}

/** Both sides write, phones lose their sessions and ask again, the house begins anew: what the library is loudest about. */
async function talk(stage: Stage, world: NumberWorld): Promise<string[]> {
  const said: string[] = []
  for (let round = 0; round < 3; round++) {
    for (const phone of PHONES) {
      if (round > 0) world.server.faults.failDecrypt(phone, 1)
      const text = `confidential words ${round} for ${PHONES.indexOf(phone)}`
      said.push(text)
      await call(`${stage.url}/v2/messages`, stage.key, { channelId: stage.channelId, to: phone, text })
      const answer = `confidential answer ${round} of ${PHONES.indexOf(phone)}`
      said.push(answer)
      world.network.reply(phone, world.number, { content: { type: 'text', text: answer } })
    }
    await until(WAIT_MS, `round ${round} is over`, () => isOver(stage, said.length))
  }
  return said
}

async function isOver({ rows }: Stage, count: number): Promise<boolean | string> {
  const found = await rows.ask<{ direction: string; state: string }>('select direction, state from messages')
  const open = found.filter(({ direction, state }) => direction === 'out' && state !== 'read')
  return (found.length === count && open.length === 0) || JSON.stringify({ rows: found.length, count, open })
}

const stateOf = async ({ url, key, channelId }: Stage) => (await look<{ state: string }>(`${url}/v2/channels/${channelId}`, key))?.state

/** Every key that rests, opened with the house's own secret: base64. */
async function keysOf({ rows, houses }: Stage): Promise<string[]> {
  const box = openSecretBox(SECRET)
  if (!houses[0]) return []
  const found = await rows.ask<{ value: Buffer }>('select value from session_keys')
  const texts = found.map(({ value }) => box.open(value))
  return texts.flatMap((text) => text.match(/(?<=")[A-Za-z0-9+/]{32,}={0,2}(?=")/g) ?? [])
}

/** How bytes may look in a log: base64, hexadecimal, as a list, as Node shows a Buffer. */
function shapesOf(base64: string): string[] {
  const bytes = Buffer.from(base64, 'base64').subarray(0, 16)
  const hex = bytes.toString('hex')
  return [base64.slice(0, 20), hex, [...bytes].join(','), [...bytes].join(', '), hex.replace(/(..)(?!$)/g, '$1 ')]
}
