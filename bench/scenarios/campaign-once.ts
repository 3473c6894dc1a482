import { fromTypeId, typeId } from '../../server/src/kit/ids.ts'
import { residentOf } from '../cpu.ts'
import { countStates, mustBe, until } from '../messages.ts'
import type { Channel, World } from '../world.ts'
import { checkDrained } from './drain-once.ts'

const NAME = 'spring_news'
const LANGUAGE = 'en_US'
const VERSION = 'v23.0'

/** What is sent: a template that takes a name, or in a campaign the word of each person. */
export const templateFor = (name: string) => ({
  type: 'template',
  name: NAME,
  language: LANGUAGE,
  components: [{ type: 'body', parameters: [{ type: 'text', text: name }] }],
})

/** Makes that template known to the network on the account of a channel. */
export async function openTemplate({ emulator, emulatorUrl }: World, { wabaId, token }: Channel): Promise<void> {
  const components = [{ type: 'BODY', text: 'Hello {{1}}, spring is here.', example: { body_text: [['Ana']] } }]
  const answer = await fetch(`${emulatorUrl}/${VERSION}/${wabaId}/message_templates`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: NAME, language: LANGUAGE, category: 'MARKETING', components }),
  })
  if (!answer.ok) throw new Error(`the template was refused: ${await answer.text()}`)
  await emulator.ask('approve', { wabaId, name: NAME, language: LANGUAGE })
}

export type Campaigned = {
  previewSeconds: number
  /** Recipients frozen a second. */
  freezeRate: number
  /** Microseconds a person by process, of the dry run and of the freezing. */
  previewCpu: Record<string, number>
  freezeCpu: Record<string, number>
  /** Messages a second, from the last recipient frozen to the last receipt; making them included. */
  rate: number
  /** Microseconds a message by process. */
  cpu: Record<string, number>
  /** Megabytes of the Node process before the dry run, and the most from then on. */
  memory: { before: number; most: number }
}

type Setting = { world: World; channel: Channel /** As the database names it. */; audienceId: string; count: number }

const STATUSES = 3
const MOST_MS = 600_000
const SAMPLE_MS = 100

/** A dry run, then the campaign from its beginning to the last receipt, on its own engine. Throws when any count is off. */
export async function campaignOnce(setting: Setting): Promise<Campaigned> {
  const { world, channel, count } = setting
  await world.emulator.ask('latency', 0)
  await world.emulator.ask('forget')
  const { states } = await countStates(world, channel)
  const delivered = (await world.facts()).delivered
  const memory = watchMemory(world)
  const before = await preview(setting)
  const { campaignId, frozenAt, ...freezing } = await beginAndFreeze(setting)
  const read = world.meter()
  await until('the campaign', async () => (await world.facts()).delivered - delivered >= STATUSES * count, MOST_MS)
  const seconds = (performance.timeOrigin + performance.now() - frozenAt) / 1000
  const cpu = each(read(), count)
  await until('the end of the campaign', async () => (await stateOf(world, campaignId)) === 'completed', 30_000)
  await checkDrained({ world, channel, count }, states.read ?? 0)
  return { ...before, ...freezing, rate: count / seconds, cpu, memory: memory() }
}

/** The dry run and the freezing alone: taken back before anything of it leaves. */
export async function freezeOnce(setting: Setting): Promise<Omit<Campaigned, 'rate' | 'cpu'>> {
  const { world, channel } = setting
  const memory = watchMemory(world)
  const before = await preview(setting)
  await world.api('POST', `/channels/${channel.id}/pause`)
  const { campaignId, frozenAt: _, ...freezing } = await beginAndFreeze(setting)
  const held = memory()
  await world.api('POST', `/campaigns/${typeId('cmp', campaignId)}/cancel`, {})
  const isCleared = async () => {
    const { rows } = await world.house.db.query('select 1 from queues where campaign_id = $1', [campaignId])
    return rows.length === 0
  }
  await until('the end of the campaign', isCleared, MOST_MS)
  await world.api('POST', `/channels/${channel.id}/resume`)
  return { ...before, ...freezing, memory: held }
}

const bodyOf = ({ channel, audienceId }: Setting) => ({
  name: 'bench',
  channelId: channel.id,
  audienceId: typeId('aud', audienceId),
  content: templateFor('{name}'),
})

const each = (cpu: Record<string, number>, count: number): Record<string, number> =>
  Object.fromEntries(Object.entries(cpu).map(([part, of]) => [part, (of / count) * 1e6]))

async function preview(setting: Setting): Promise<Pick<Campaigned, 'previewSeconds' | 'previewCpu'>> {
  const read = setting.world.meter()
  const begun = performance.now()
  const { toSend } = await setting.world.api<{ toSend: number }>('POST', '/campaigns/dry-run', bodyOf(setting))
  mustBe('people in the dry run', toSend, setting.count)
  return { previewSeconds: (performance.now() - begun) / 1000, previewCpu: each(read(), setting.count) }
}

/** Resolves when every recipient is frozen; the campaign's id is as the database has it. */
async function beginAndFreeze(setting: Setting) {
  const { world, count } = setting
  const read = world.meter()
  const { id } = await world.api<{ id: string }>('POST', '/campaigns', bodyOf(setting))
  const campaignId = fromTypeId('cmp', id) ?? ''
  type Row = { total: number; began: number; frozen: number | null }
  let row: Row | undefined
  const isFrozen = async () => {
    const { rows } = await world.house.db.query<Row>(
      `select total, (extract(epoch from started_at) * 1000)::float8 as began, (extract(epoch from frozen_at) * 1000)::float8 as frozen from campaigns where id = $1`,
      [campaignId],
    )
    row = rows[0]
    return row?.frozen !== null
  }
  await until('the freezing', isFrozen, MOST_MS)
  mustBe('recipients', row?.total ?? 0, count)
  const frozenAt = row?.frozen ?? Number.NaN
  return { campaignId, frozenAt, freezeRate: count / ((frozenAt - (row?.began ?? Number.NaN)) / 1000), freezeCpu: each(read(), count) }
}

async function stateOf({ house }: World, campaignId: string): Promise<string> {
  const { rows } = await house.db.query<{ state: string }>('select state from campaigns where id = $1', [campaignId])
  return rows[0]?.state ?? ''
}

/** Starts looking; the answer ends it. */
function watchMemory({ house }: World): () => Campaigned['memory'] {
  const before = residentOf(house.pid)
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, residentOf(house.pid))
  }, SAMPLE_MS)
  return () => {
    clearInterval(timer)
    return { before, most }
  }
}
