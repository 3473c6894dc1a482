import { cpuOfMachine } from '../cpu.ts'
import { CORES } from '../machine.ts'
import { acceptBulk, countStates, mustBe, until } from '../messages.ts'
import type { Channel, World } from '../world.ts'
import { readWritten, type Written, writtenBetween } from '../written.ts'

export type Drained = {
  /** Messages a second from the end of the pause to the last receipt, or event told. */
  rate: number
  /** The same with the time of accepting them. */
  whole: number
  /** Microseconds a message by process, and all of them. */
  cpu: Record<string, number>
  total: number
  /** Share of the machine that others used meanwhile: what is measured beside a busy neighbour is worth less. */
  others: number
  /** What PostgreSQL wrote, a message. */
  written: Written
}

type Setting = { world: World; channel: Channel; count: number }
type Variant = { endpoint: boolean; latencyMs: number; content?: object }

const STATUSES = 3
const DRAIN_MOST_MS = 400_000

/** Accepts `count` messages on a paused channel, lets them go and waits for the end. Throws when any count is off. */
export async function drainOnce({ world, channel, count }: Setting, { endpoint, latencyMs, content }: Variant): Promise<Drained> {
  await world.emulator.ask('latency', latencyMs)
  await world.emulator.ask('forget')
  const told = endpoint ? await openEndpoint(world) : undefined
  const { states } = await countStates(world, channel)
  const before = await world.facts()
  await world.api('POST', `/channels/${channel.id}/pause`)
  const accepted = await acceptBulk(world, channel, { count, ...(content && { content }) })
  await told?.caughtUp()
  const rows = await readWritten(world.house.db)
  const [read, machine] = [world.meter(), cpuOfMachine()]
  const begun = performance.now()
  await world.api('POST', `/channels/${channel.id}/resume`)
  await until('the drain', async () => (await world.facts()).delivered - before.delivered >= STATUSES * count, DRAIN_MOST_MS)
  await told?.caughtUp()
  const seconds = (performance.now() - begun) / 1000
  const busy = cpuOfMachine() - machine
  const used = Object.entries(read())
  const ours = used.reduce((sum, [, part]) => sum + part, 0)
  const cpu = Object.fromEntries(used.map(([part, of]) => [part, (of / count) * 1e6]))
  const written = writtenBetween(rows, await readWritten(world.house.db), count)
  await told?.close()
  await checkDrained({ world, channel, count }, states.read ?? 0)
  return {
    rate: count / seconds,
    whole: count / (seconds + accepted.seconds),
    cpu,
    total: (ours / count) * 1e6,
    others: (busy - ours) / (seconds * CORES),
    written,
  }
}

/** The rows of a channel, the phones and the emulator say the same: `count` messages more, each sent once and read. */
export async function checkDrained({ world, channel, count }: Setting, readBefore: number): Promise<void> {
  const { states, work } = await countStates(world, channel)
  const facts = await world.facts()
  mustBe('rows in the state read', (states.read ?? 0) - readBefore, count)
  mustBe('states beside read', Object.keys(states).length, 1)
  mustBe('rows left in the outbox', work, 0)
  mustBe('messages on phones', facts.distinct, count)
  mustBe('messages twice on a phone', facts.twice, 0)
  mustBe('webhooks that the emulator gave up', facts.lost, 0)
}

/** A webhook endpoint on every event, opened for one round: what it is told is counted against the events of the workspace. */
async function openEndpoint({ api, receiver, receiverUrl, house }: World) {
  await receiver.ask('forget')
  const first = await lastEvent(house)
  const { id } = await api<{ id: string }>('POST', '/webhooks', { url: receiverUrl, events: ['*'] })
  return {
    /** Resolves when every event since the opening was received. */
    async caughtUp() {
      const wanted = (await lastEvent(house)) - first
      await until('webhooks', async () => (await receiver.ask<{ distinct: number }>('facts')).distinct >= wanted, DRAIN_MOST_MS)
    },
    async close() {
      const { distinct } = await receiver.ask<{ distinct: number }>('facts')
      const { rows } = await house.db.query<{ told: string }>(
        'select count(distinct event_id) as told from deliveries d where succeeded and endpoint_id = (select id from endpoints order by created_at desc limit 1)',
      )
      mustBe('events received, against those recorded as told', distinct, Number(rows[0]?.told))
      await api('DELETE', `/webhooks/${id}`)
    },
  }
}

async function lastEvent({ db }: World['house']): Promise<number> {
  const { rows } = await db.query<{ seq: string }>(
    `select seq from workspace_counters c join workspaces w on w.id = c.workspace_id where w.environment = 'live'`,
  )
  return Number(rows[0]?.seq)
}
