import { typeId } from '../../server/src/kit/ids.ts'
import type { Arrival } from '../children/emulator.ts'
import { median, percentile, show, showRounds } from '../figures.ts'
import { copyChannel, loadMessages, settleDisk } from '../loads.ts'
import { mustBe, until } from '../messages.ts'
import { recipient, TEXT } from '../peers/post.ts'
import { atMost, type Findings } from '../report.ts'
import type { Scale } from '../run.ts'
import { type Channel, CREDENTIALS, openWorld, type World } from '../world.ts'

const RATE = 80
const OTP_A_SECOND = 10
const OTHERS_A_SECOND = 40
const ARRIVE_MOST_MS = 60_000

type Sizes = { channels: number; hog: number; seconds: number }
type Probe = { otp: number[]; others: number[]; hogRate: number }

/** Ten thousand channels, one of them with a campaign of 900,000 rows; who waits for it? */
export async function fairness({ rounds, quick }: Scale): Promise<Findings> {
  const sizes: Sizes = quick ? { channels: 500, hog: 20_000, seconds: 4 } : { channels: 10_000, hog: 900_000, seconds: 30 }
  const world = await openWorld()
  try {
    const hog = await openHog(world, sizes.channels)
    const others = (await copyChannel(world.house.db, hog, sizes.channels - 1)).map((id) => typeId('cha', id))
    await warmUp(world, others)
    const probes: Probe[] = []
    await loadMessages(world.house.db, { channel: hog, count: sizes.hog, lane: 'campaign', due: [-60, 0] })
    await settleDisk(world.house.db)
    const crowd = await serveAll(world, others)
    for (let round = 0; round < rounds; round++) {
      const probe = await probeOnce(world, { hog, others, seconds: sizes.seconds, round })
      probes.push(probe)
      console.log(
        `fairness ${round + 1}/${rounds}: otp p99 ${show(percentile(probe.otp, 0.99))}, others p99 ${show(percentile(probe.others, 0.99))} ms`,
      )
    }
    return report({ crowd, probes, sizes })
  } finally {
    await world.close()
  }
}

/** A number of an account with as many numbers as there will be channels. */
async function openHog({ emulator, api, house }: World, channels: number): Promise<Channel> {
  const [wabaId, first] = ['300000000000', 300_000_000_001]
  const phoneNumbers = Array.from({ length: channels }, (_, i) => ({ id: String(first + i), number: `+4930${2_000_000 + i}` }))
  await emulator.ask('account', { ...CREDENTIALS, wabaId, phoneNumbers })
  const phoneNumberId = String(first)
  const made = await api<{ id: string }>('POST', '/channels', {
    kind: 'cloud',
    name: 'hog',
    phone: '+49302000000',
    phoneNumberId,
    wabaId,
    ...CREDENTIALS,
    settings: { rate: RATE },
  })
  const { rows } = await house.db.query<{ id: string }>('select id from channels where remote_id = $1', [phoneNumberId])
  return { id: made.id, uuid: rows[0]?.id ?? '', phoneNumberId, wabaId, token: CREDENTIALS.accessToken }
}

type BulkAnswer = { accepted: number; results: { error?: unknown }[] }
type Item = { channelId: string; to: string; tag: string; sendAt?: string }
const messageOf = (item: Item) => ({ ...item, text: TEXT, outsideWindow: 'attempt' })

async function warmUp(world: World, others: readonly string[]): Promise<void> {
  const before = (await world.facts()).distinct
  const count = Math.min(500, others.length)
  await bulk(
    world,
    Array.from({ length: count }, (_, i) => ({ channelId: others[i] ?? '', to: recipient(50_000 + i), tag: `warm-${i}` })),
  )
  await until('the warm-up', async () => (await world.facts()).distinct - before >= count, ARRIVE_MOST_MS)
}

async function bulk(world: World, items: readonly Item[]): Promise<void> {
  for (let from = 0; from < items.length; from += 1_000) {
    const page = items.slice(from, from + 1_000)
    const { accepted, results } = await world.api<BulkAnswer>('POST', '/messages/bulk', { messages: page.map(messageOf) })
    if (accepted < page.length)
      throw new Error(`${accepted} of ${page.length} accepted: ${JSON.stringify(results.find(({ error }) => error))}`)
  }
}

/** One message on every other channel, all due at the same moment: how long until the last channel had its turn? */
async function serveAll(world: World, others: readonly string[]): Promise<{ seconds: number; hog: number }> {
  const due = Date.now() + 4_000 + 2 * others.length
  await bulk(
    world,
    others.map((_, i) => ({ channelId: others[i] ?? '', to: recipient(i), tag: `crowd-${i}`, sendAt: new Date(due).toISOString() })),
  )
  if (Date.now() > due) throw new Error('the crowd was accepted too late for its time')
  await world.emulator.ask('watch', true)
  const arrived = await arrivalsByTag(world, 'crowd-', others.length)
  const last = Math.max(...arrived.tagged.map(({ at }) => at))
  const hog = arrived.rest.filter((at) => at >= due && at <= last).length
  return { seconds: (last - due) / 1000, hog }
}

type Tagged = { tag: string; at: number }

async function arrivalsByTag(world: World, prefix: string, count: number): Promise<{ tagged: Tagged[]; rest: number[] }> {
  const { rows } = await world.house.db.query<{ id: string; tag: string }>(`select id, tag from messages where tag like $1`, [`${prefix}%`])
  mustBe('rows of the probe', rows.length, count)
  const tagOf = new Map(rows.map(({ id, tag }) => [id, tag]))
  const idOf = ([callbackData]: Arrival) => callbackData.split(':')[1] ?? ''
  let arrivals: Arrival[] = []
  const seen = async () => {
    arrivals = await world.emulator.ask<Arrival[]>('arrivals')
    return arrivals.filter((one) => tagOf.has(idOf(one))).length >= count
  }
  await until(`arrivals of ${prefix}`, seen, ARRIVE_MOST_MS)
  const tagged = arrivals.flatMap((one) => {
    const tag = tagOf.get(idOf(one))
    return tag === undefined ? [] : [{ tag, at: one[1] }]
  })
  return { tagged, rest: arrivals.filter((one) => !tagOf.has(idOf(one))).map(([, at]) => at) }
}

type Probing = { hog: Channel; others: readonly string[]; seconds: number; round: number }

/** Passwords on the hog's own number and messages on other numbers, asked for one by one; waits from the request to the network. */
async function probeOnce(world: World, { hog, others, seconds, round }: Probing): Promise<Probe> {
  await world.emulator.ask('watch', true)
  const asked = new Map<string, number>()
  const running: Promise<unknown>[] = []
  const each = 1000 / (OTP_A_SECOND + OTHERS_A_SECOND)
  const begun = performance.now()
  const count = seconds * (OTP_A_SECOND + OTHERS_A_SECOND)
  for (let i = 0; i < count; i++) {
    await new Promise((done) => setTimeout(done, Math.max(0, begun + i * each - performance.now())))
    const isOtp = i % ((OTP_A_SECOND + OTHERS_A_SECOND) / OTP_A_SECOND) === 0
    const channelId = isOtp ? hog.id : (others[Math.floor(Math.random() * others.length)] ?? '')
    const tag = `probe-${round}-${isOtp ? 'otp' : 'other'}-${i}`
    asked.set(tag, performance.timeOrigin + performance.now())
    running.push(world.api('POST', '/messages', messageOf({ channelId, to: recipient(100_000 + round * 10_000 + i), tag })))
  }
  await Promise.all(running)
  const { tagged, rest } = await arrivalsByTag(world, `probe-${round}-`, count)
  const waits = (word: string) => tagged.filter(({ tag }) => tag.includes(word)).map(({ tag, at }) => at - (asked.get(tag) ?? Number.NaN))
  const span = (Math.max(...rest) - Math.min(...rest)) / 1000 || 1
  return { otp: waits('-otp-'), others: waits('-other-'), hogRate: (rest.length + waits('-otp-').length) / span }
}

function report({ crowd, probes, sizes }: { crowd: { seconds: number; hog: number }; probes: Probe[]; sizes: Sizes }): Findings {
  const each = (who: 'otp' | 'others', share: number) => probes.map((probe) => percentile(probe[who], share))
  const rows = (['otp', 'others'] as const).map((who) => [
    who === 'otp' ? `${OTP_A_SECOND}/s on the hog's own channel` : `${OTHERS_A_SECOND}/s on ${show(sizes.channels - 1)} other channels`,
    showRounds(each(who, 0.5)),
    showRounds(each(who, 0.99)),
  ])
  return {
    title: 'Fairness',
    text: [
      `${show(sizes.channels)} channels at ${RATE}/s each; one of them has a campaign of ${show(sizes.hog)} due rows. First every other channel has one message due at the same moment: all of them had left after ${show(crowd.seconds)} s, while the hog sent ${show(crowd.hog)}. Then single messages are asked for, and their wait is taken from the request to the arrival at the emulator, the door's work included. The hog's channel as a whole sent ${showRounds(probes.map(({ hogRate }) => hogRate))} a second.`,
    ],
    tables: [{ columns: ['probe', 'p50 ms', 'p99 ms'], rows }],
    gates: [
      atMost(`p99 wait behind ${show(sizes.hog)} rows of its own channel, ms`, median(each('otp', 0.99)), 2_000),
      atMost('p99 wait on other channels, ms', median(each('others', 0.99)), 50),
    ],
  }
}
