import { median, ratios, rotated, show, showRounds } from '../figures.ts'
import { loadAudience, settleDisk } from '../loads.ts'
import { atLeast, atMost, type Findings, type Gate, type Table } from '../report.ts'
import type { Scale } from '../run.ts'
import { openWorld, type World } from '../world.ts'
import { type Campaigned, campaignOnce, freezeOnce, openTemplate, templateFor } from './campaign-once.ts'
import { type Drained, drainOnce } from './drain-once.ts'

/** What Meta gives a number at most, a second. */
const PACE = 1_000
const PACED_SECONDS = 15
/** Above this many only the dry run and the freezing are measured. */
const SENT_MOST = 200_000

type Rounds = { frozen: Omit<Campaigned, 'rate' | 'cpu'>[]; campaign: Campaigned[]; drain: Drained[]; paced: Campaigned[] }

/** One campaign beside the drain of as many messages that were accepted before: what making them costs. */
export async function campaign({ rounds, quick, recipients }: Scale): Promise<Findings> {
  const count = recipients ?? (quick ? 3_000 : 100_000)
  const found: Rounds = { frozen: [], campaign: [], drain: [], paced: [] }
  const world = await openWorld()
  try {
    if (count > SENT_MOST) await measureFreezing(world, { rounds, count, found })
    else await measureSending(world, { rounds, count, found, paced: quick ? PACE : PACE * PACED_SECONDS })
    return report(found, count)
  } finally {
    await world.close()
  }
}

type Measuring = { rounds: number; count: number; found: Rounds }

async function measureFreezing(world: World, { rounds, count, found }: Measuring): Promise<void> {
  const channel = await world.channel({ told: false, rate: 100_000 })
  const audienceId = await loadAudience(world.house.db, count)
  await settleDisk(world.house.db)
  for (let round = 0; round < rounds; round++) {
    found.frozen.push(await freezeOnce({ world, channel, audienceId, count }))
    const { previewSeconds, freezeRate } = found.frozen.at(-1) ?? {}
    console.log(`campaign ${round + 1}/${rounds}: dry run ${show(previewSeconds ?? 0)} s, ${show(freezeRate ?? 0)} frozen/s`)
  }
}

async function measureSending(world: World, { rounds, count, found, paced }: Measuring & { paced: number }): Promise<void> {
  const [channel, slow] = [await world.channel({ told: true, rate: 100_000 }), await world.channel({ told: true, rate: PACE })]
  for (const one of [channel, slow]) await openTemplate(world, one)
  const audienceId = await loadAudience(world.house.db, count)
  const few = await loadAudience(world.house.db, paced)
  const drained = { endpoint: false, latencyMs: 0, content: templateFor('Person') }
  await drainOnce({ world, channel, count }, drained) // warm: people, plans, code
  await campaignOnce({ world, channel: slow, audienceId: few, count: paced })
  await settleDisk(world.house.db)
  for (let round = 0; round < rounds; round++) {
    for (const name of rotated(['drain', 'campaign', 'paced'] as const, round)) {
      if (name === 'drain') found.drain.push(await drainOnce({ world, channel, count }, drained))
      else if (name === 'paced') found.paced.push(await campaignOnce({ world, channel: slow, audienceId: few, count: paced }))
      else found.campaign.push(await campaignOnce({ world, channel, audienceId, count }))
      console.log(`campaign ${round + 1}/${rounds} ${name}: ${show(found[name].at(-1)?.rate ?? 0)}/s`)
    }
  }
  found.frozen = found.campaign
}

function report({ frozen, campaign, drain, paced }: Rounds, count: number): Findings {
  const before = frozen.map(({ previewSeconds }) => previewSeconds)
  const freezing = frozen.map(({ freezeRate }) => freezeRate)
  const grown = frozen.map(({ memory }) => memory.most - memory.before)
  const [made, drained, slow] = [campaign, drain, paced].map((list) => list.map(({ rate }) => rate)) as [number[], number[], number[]] // three in, three out
  const share = median(ratios(made, drained))
  const small: Table = {
    columns: ['', 'median (rounds)', 'us house', 'us postgres'],
    rows: [
      ['dry run, s', showRounds(before), ...costs(frozen.map(({ previewCpu }) => ({ cpu: previewCpu }))).slice(0, 2)],
      ['recipients frozen/s', showRounds(freezing), ...costs(frozen.map(({ freezeCpu }) => ({ cpu: freezeCpu }))).slice(0, 2)],
      ['memory of the Node process before, MB', showRounds(frozen.map(({ memory }) => memory.before)), '', ''],
      ['the most while it ran, MB more', showRounds(grown), '', ''],
    ],
  }
  const rates: Table = {
    columns: ['path', 'messages/s', 'of the drain', 'us house', 'us postgres', 'us emulator'],
    rows: [
      ['accepted before, then drained', showRounds(drained), '1', ...costs(drain)],
      [
        'the drain, its accept by bulk included',
        showRounds(drain.map(({ whole }) => whole)),
        show(
          median(
            ratios(
              drain.map(({ whole }) => whole),
              drained,
            ),
          ),
        ),
      ],
      ['campaign: made and sent', showRounds(made), show(share), ...costs(campaign)],
      [`campaign on a channel of ${show(PACE)}/s`, showRounds(slow), '', ...costs(paced)],
    ],
  }
  const gates: Gate[] = [
    atMost('dry run, s', median(before), 5),
    atLeast('recipients frozen/s', median(freezing), 20_000, (value) => show(value, 0)),
    atMost('memory beyond rest, MB', median(grown), 50),
  ]
  if (campaign.length > 0)
    gates.push(
      atLeast('campaign made and sent, against the drain alone', share, 0.9),
      atLeast(`campaign at ${show(PACE)}/s, of its pace`, median(slow) / PACE, 0.9),
    )
  return {
    title: `A campaign to ${show(count)} people`,
    text: [TEXT],
    tables: campaign.length > 0 ? [small, rates] : [small],
    gates,
  }
}

const TEXT =
  'A template to an audience, on one cloud channel without a limit. The dry run judges every member. Freezing runs from the beginning of the campaign to its last recipient; sending from there to the last receipt, three a message, with the making of the messages in it. Beside it as many messages of the same template, accepted by bulk while their channel was paused, are drained: their accept is not in that clock, but shown. All people are known. Everybody got one message, all rows are `read`, the campaign is completed and nothing is left in the outbox. The memory is that of a house that has worked before: see `docs/operating.md`, Memory.'

const costs = (list: readonly { cpu: Record<string, number> }[]): string[] =>
  ['house', 'postgres', 'emulator'].map((part) => show(median(list.map(({ cpu }) => cpu[part] ?? 0))))
