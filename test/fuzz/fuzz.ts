import fc from 'fast-check'
import { type Asked, askedOf } from './asked.ts'
import { DOORS, type DoorName, nameOf, type Operation, readOperations } from './document.ts'
import { type Answer, curlOf, type Line, openLine } from './exchange.ts'
import { type Filled, fill } from './fill.ts'
import { findFault, parsed } from './judge.ts'
import type { Stage } from './stage.ts'
import { Successes } from './successes.ts'
import { type Keys, spareFirst, tend } from './tend.ts'
import { Things } from './things.ts'
import { weightOf } from './weights.ts'

/** A request, as small as it could be made, whose answer broke a rule. */
export type Finding = { operation: string; fault: string; curl: string }
export type Report = {
  requests: number
  statuses: Record<string, number>
  /** Megabytes that the house held at the start and after each tenth. */
  memory: number[]
  /** Operations that never succeeded, and what they said. */
  untouched: { operation: string; reasons: string }[]
  findings: Finding[]
}

type Run = {
  base: string
  keys: Keys
  line: Line
  things: Things
  report: Report
  successes: Successes
  /** Signatures of what was found. */
  known: Set<string>
  channels: string[]
}

const LANES = 6
const ROUNDS = 10
const ROUND_SEEDS = 1_000_000
const NEGLECTED = 8
const TENDED_EVERY = 250
const FINDINGS_MOST = 30

export type Wish = {
  count: number
  seed: number
  /** Hears how far it has come, after each tenth. */
  told?: (report: Report) => void
}

/** Asks `count` times, in several lanes at once; each finding is made small, told once, and then passed over. */
export async function fuzz(stage: Stage, { count, seed, told }: Wish): Promise<Report> {
  const { house, local } = stage
  const operations = (await Promise.all(DOORS.map((door) => operationsOf(stage, door)))).flat()
  const line = openLine(house.url, LANES)
  const report: Report = { requests: 0, statuses: {}, memory: [await memoryOf(stage)], untouched: [], findings: [] }
  const tools = { keys: keysOf(stage), line, things: new Things() }
  const run: Run = { ...tools, base: house.url, report, successes: new Successes(), known: new Set(), channels: await spareFirst(tools) }
  const each = Math.ceil(count / LANES / ROUNDS)
  for (let round = 0; round < ROUNDS; round++) {
    const requests = requestsOf(run, operations, local)
    const lane = (nth: number) => runLane(run, requests, { count: each, seed: seed + round * ROUND_SEEDS + nth })
    await Promise.all(Array.from({ length: LANES }, (_, nth) => lane(nth)))
    report.memory.push(await memoryOf(stage))
    told?.(report)
  }
  line.close()
  const { successes } = run
  const untouched = operations.map(nameOf).filter((name) => !successes.has(name))
  report.untouched = untouched.map((operation) => ({ operation, reasons: successes.reasonsOf(operation) }))
  return report
}

async function memoryOf({ house }: Stage): Promise<number> {
  const { text } = await house.ask('/metrics', { key: null })
  return Math.round(Number(/^chasqui_process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1e6)
}

/** What never yet succeeded comes the more often. */
function requestsOf({ successes }: Run, operations: readonly Operation[], local: string): fc.Arbitrary<Asked> {
  const weighed = operations.map((operation) => ({
    weight: weightOf(operation) * (successes.has(nameOf(operation)) ? 1 : NEGLECTED),
    arbitrary: askedOf(operation, { local }),
  }))
  return fc.oneof(...weighed)
}

export const keysOf = ({ house: { firstRun } }: Stage): Keys => ({
  test: { canonical: firstRun.keys.canonical, 'blueticks-co': firstRun.keys.blueticks },
  live: { canonical: firstRun.live.keys.canonical, 'blueticks-co': firstRun.live.keys.blueticks },
})

async function operationsOf({ house }: Stage, door: DoorName): Promise<Operation[]> {
  const answer = await house.ask(`/docs/${door}/openapi.json`, { key: null })
  return readOperations(door, JSON.parse(answer.text))
}

async function runLane(run: Run, requests: fc.Arbitrary<Asked>, { count, seed }: { count: number; seed: number }): Promise<void> {
  for (let left = count, from = seed; left > 0 && run.report.findings.length < FINDINGS_MOST; from += LANES) {
    let worst: (Finding & { signature: string }) | undefined
    const property = fc.asyncProperty(requests, async (asked) => {
      const fault = await ask(run, asked)
      if (!fault || run.known.has(fault.signature)) return
      worst = fault // while it shrinks, the last one that fails is the smallest
      throw new Error(fault.fault)
    })
    const told = await fc.check(property, { seed: from, numRuns: left })
    left -= told.numRuns
    if (worst && !run.known.has(worst.signature)) {
      const { signature, ...finding } = worst
      run.known.add(signature)
      run.report.findings.push(finding)
    }
  }
}

/** A download ends early when another lane deletes its thing meanwhile; then it is gone. */
async function sendPatiently(line: Line, filled: Filled): Promise<Answer | Error> {
  const send = () => line.send(filled).catch((error: Error) => error)
  const answer = await send()
  if (!(answer instanceof Error) || filled.method !== 'GET') return answer
  const again = await send()
  return !(again instanceof Error) && again.status === 404 ? again : answer
}

async function ask(run: Run, asked: Asked): Promise<(Finding & { signature: string }) | undefined> {
  const { operation, workspace } = asked
  const { report, things } = run
  const filled = fill(asked, things, run.keys[workspace][operation.door])
  if (report.requests++ % TENDED_EVERY === 0) await tend(run, run.channels)
  const tell = (fault: string) => ({
    ...{ operation: nameOf(operation), fault, curl: curlOf(run.base, filled) },
    signature: `${nameOf(operation)} ${fault.slice(0, 60)}`,
  })
  const answer = await sendPatiently(run.line, filled)
  if (answer instanceof Error) return tell(`no answer: ${answer.message}`)
  report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1
  const fault = findFault(asked, filled, answer, things)
  if (fault) return tell(fault)
  run.successes.note(nameOf(operation), answer)
  if (answer.status < 300) {
    things.learn(workspace, parsed(answer.text), filled.place)
    if (operation.method === 'DELETE') things.forget(workspace, filled.place.named)
  }
}
