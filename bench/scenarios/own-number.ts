import { startHelper } from '../calls.ts'
import type { WebFacts } from '../children/web-network.ts'
import { cpuOf, cpuOfMachine, meterCpu, residentOf } from '../cpu.ts'
import { median, ratios, show, showRounds } from '../figures.ts'
import { type House, openHouse } from '../houses.ts'
import { CORES } from '../machine.ts'
import { acceptBulk, mustBe, until } from '../messages.ts'
import { atLeast, atMost, type Findings } from '../report.ts'
import type { Scale } from '../run.ts'
import { apiOf, liftLimits } from '../world.ts'

const [NUMBER, BARE] = ['+551140010100', '+551140010200']
const CROWD = [1, 10, 50] as const
/** Nobody is written to twice within so long. */
const PAIR_MS = 6_500
const MOST_MS = 170_000
const REST_MS = 10_000
const SETTINGS = { rate: 2_000, pacing: { cold: 'off', jitterPercent: 0 } }

type Helper = ReturnType<typeof startHelper>
type Site = { house: House; network: Helper; api: ReturnType<typeof apiOf> }
type Sent = { rate: number; cpu: Record<string, number>; others: number }

/** One number: messages out and in, beside the library alone with its keys in memory; then what further numbers weigh. */
export async function ownNumber({ rounds, quick }: Scale): Promise<Findings> {
  const count = quick ? 100 : 600
  const network = startHelper('./children/web-network.ts')
  const found = { bare: [] as number[], house: [] as Sent[], bareIn: [] as number[], houseIn: [] as number[], first: { bare: 0, house: 0 } }
  const { socketUrl, certificate } = await network.ask<{ socketUrl: string; certificate: string }>('open')
  const env = { CHASQUI_WEB_SOCKET_URL: socketUrl, NODE_EXTRA_CA_CERTS: certificate }
  const house = await openHouse({ env })
  const bare = startHelper('./children/bare-number.ts', env)
  try {
    await liftLimits(house)
    const site: Site = { house, network, api: apiOf(house) }
    const channel = await link(site, NUMBER)
    await network.ask('scan', { number: BARE, qr: await bare.ask<string>('link', socketUrl) })
    await bare.ask('opened')
    found.first = { bare: count / (await bare.ask<number>('send', count)), house: (await send(site, channel, count)).rate }
    for (let round = 0; round < rounds; round++) {
      const turns = [
        async () => found.bare.push(count / (await bare.ask<number>('send', count))),
        async () => found.house.push(await send(site, channel, count)),
        async () => found.bareIn.push(await receiveBare({ bare, network }, count)),
        async () => found.houseIn.push(await receive(site, count)),
      ]
      await new Promise((done) => setTimeout(done, PAIR_MS))
      for (let i = 0; i < turns.length; i++) await turns[(i + round) % turns.length]?.()
      console.log(
        `own-number ${round + 1}/${rounds}: ${show(found.house.at(-1)?.rate ?? 0)}/s out, ${show(found.houseIn.at(-1) ?? 0)}/s in`,
      )
    }
    const { messages, twice } = await network.ask<WebFacts>('facts', NUMBER)
    mustBe('messages on phones', messages, count * (rounds + 1))
    mustBe('messages that came twice', twice, 0)
  } finally {
    await bare.stop()
    await house.close()
  }
  const weights = await weigh({ network, env }, quick)
  await network.stop()
  return report(found, weights, count)
}

async function link({ api, network }: Pick<Site, 'api' | 'network'>, number: string): Promise<string> {
  const { id } = await api<{ id: string }>('POST', '/channels', { kind: 'web', name: number, settings: SETTINGS })
  let qr: string | undefined
  const shown = async () => {
    qr = (await api<{ qr: { text: string } | null }>('GET', `/channels/${id}/qr`)).qr?.text
    return qr !== undefined
  }
  await until('a QR', shown, MOST_MS)
  await network.ask('scan', { number, qr })
  await until('linking', async () => (await api<{ state: string }>('GET', `/channels/${id}`)).state === 'open', MOST_MS)
  return id
}

const rowsOf = async ({ db }: House, what: string): Promise<number> =>
  Number((await db.query<{ count: string }>(`select count(*) from messages where ${what}`)).rows[0]?.count)

/** The clock runs from the end of a pause until the network has acknowledged the last one and that is committed. */
async function send({ house, network, api }: Site, channelId: string, count: number): Promise<Sent> {
  const before = await rowsOf(house, `direction = 'out' and sent_at is not null`)
  await api('POST', `/channels/${channelId}/pause`)
  await acceptBulk({ api }, { id: channelId }, { count })
  const read = meterCpu({ house: () => house.cpu().house, postgres: () => house.cpu().postgres, network: () => cpuOf(network.pid) })
  const machine = cpuOfMachine()
  const begun = performance.now()
  await api('POST', `/channels/${channelId}/resume`)
  await until('sending', async () => (await rowsOf(house, `direction = 'out' and sent_at is not null`)) >= before + count, MOST_MS)
  const seconds = (performance.now() - begun) / 1000
  const used = read()
  const busy = cpuOfMachine() - machine
  await until('reading', async () => (await rowsOf(house, `direction = 'out' and state <> 'read'`)) === 0, MOST_MS)
  const ours = Object.values(used).reduce((sum, one) => sum + one, 0)
  const cpu = Object.fromEntries(Object.entries(used).map(([part, of]) => [part, (of / count) * 1e6]))
  return { rate: count / seconds, cpu, others: (busy - ours) / (seconds * CORES) }
}

async function receive({ house, network }: Site, count: number): Promise<number> {
  const before = await rowsOf(house, `direction = 'in'`)
  const begun = performance.now()
  await network.ask('write', { number: NUMBER, count })
  await until('receiving', async () => (await rowsOf(house, `direction = 'in'`)) >= before + count, MOST_MS)
  const rate = count / ((performance.now() - begun) / 1000)
  mustBe('rows received', (await rowsOf(house, `direction = 'in'`)) - before, count)
  return rate
}

async function receiveBare({ bare, network }: { bare: Helper; network: Helper }, count: number): Promise<number> {
  const before = await bare.ask<number>('received')
  const begun = performance.now()
  await network.ask('write', { number: BARE, count })
  await until('receiving', async () => (await bare.ask<number>('received')) >= before + count, MOST_MS)
  return count / ((performance.now() - begun) / 1000)
}

/** Linked numbers that nobody uses: what the house's process holds with the first one, with ten, with fifty. */
async function weigh({ network, env }: { network: Helper; env: Record<string, string> }, quick: boolean): Promise<Map<number, number>> {
  const house = await openHouse({ env })
  const weights = new Map<number, number>([[0, residentOf(house.pid)]])
  try {
    const api = apiOf(house)
    let linked = 0
    for (const size of quick ? CROWD.slice(0, 2) : CROWD) {
      while (linked < size) await link({ api, network }, `+5511500${20_100 + linked++}`)
      await new Promise((done) => setTimeout(done, quick ? 1_000 : REST_MS))
      weights.set(size, residentOf(house.pid))
    }
  } finally {
    await house.close()
  }
  return weights
}

type Found = { bare: number[]; house: Sent[]; bareIn: number[]; houseIn: number[]; first: { bare: number; house: number } }

function report(found: Found, weights: Map<number, number>, count: number): Findings {
  const rates = found.house.map(({ rate }) => rate)
  const cpu = (part: string) => show(median(found.house.map((one) => one.cpu[part] ?? 0)))
  const [most = 1] = [...weights.keys()].slice(-1)
  const further = ((weights.get(most) ?? 0) - (weights.get(1) ?? 0)) / (most - 1)
  return {
    title: 'A number of one’s own',
    text: [
      `${show(count)} texts to as many people over one linked number, against the local WhatsApp Web server, which seals and opens every message as phones do. Out: accepted by bulk while the channel is paused, then from the end of the pause until the last one is acknowledged and committed. The library alone sends the same texts to the same people, one after the other, its keys in memory: nothing of it would survive. In: from the first message that a phone writes to the last row. Every message was one bubble at its phone. People are known after the first round; a first message asks the network who they are and for their keys. An own number is paced at 20 a minute: this is what the session could do.`,
    ],
    tables: [
      {
        columns: ['', 'messages/s', 'of the library alone'],
        rows: [
          ['out, the library alone', showRounds(found.bare), '1'],
          ['out, the house', showRounds(rates), show(median(ratios(rates, found.bare)))],
          ['in, the library alone', showRounds(found.bareIn), '1'],
          ['in, the house', showRounds(found.houseIn), show(median(ratios(found.houseIn, found.bareIn)))],
          ['out to new people, the library alone (once)', show(found.first.bare), '1'],
          ['out to new people, the house (once)', show(found.first.house), show(found.first.house / found.first.bare)],
        ],
      },
      {
        title: 'CPU a message out, in microseconds',
        columns: ['house', 'postgres', 'network', 'machine used by others'],
        rows: [[cpu('house'), cpu('postgres'), cpu('network'), `${show(median(found.house.map(({ others }) => others)) * 100, 0)} %`]],
      },
      {
        title: `Memory of the Node process, MB, ${REST_MS / 1000} s after the last one was linked`,
        columns: [...weights.keys()].map((size) => `${size} linked`),
        rows: [[...weights.values()].map((weight) => show(weight))],
      },
    ],
    gates: [
      atLeast('out over one number, messages/s', median(rates), 200),
      atMost('MB a further linked number', further, 6),
      atMost(`MB with ${most} linked numbers`, weights.get(most) ?? 0, 400),
    ],
  }
}
