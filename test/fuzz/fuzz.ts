import fc from 'fast-check'
import { type Asked, askedOf, type Workspace } from './asked.ts'
import { DOORS, type DoorName, nameOf, type Operation, readOperations } from './document.ts'
import { type Answer, curlOf, type Line, openLine } from './exchange.ts'
import { type Filled, fill } from './fill.ts'
import { findFault, parsed } from './judge.ts'
import type { Stage } from './stage.ts'
import { Things } from './things.ts'

/** A request, as small as it could be made, whose answer broke a rule. */
export type Finding = { operation: string; fault: string; curl: string; seed: number }
export type Report = { requests: number; statuses: Record<string, number>; untouched: string[]; findings: Finding[] }
export type Keys = Record<Workspace, Record<DoorName, string>>

type Run = { base: string; keys: Keys; line: Line; things: Things; report: Report; succeeded: Set<string>; known: Set<string> }

const LANES = 6
const FINDINGS_MOST = 30

/** Asks `count` times, in several lanes at once; each finding is made small, told once, and then passed over. */
export async function fuzz(stage: Stage, { count, seed }: { count: number; seed: number }): Promise<Report> {
  const { house, local } = stage
  const operations = (await Promise.all(DOORS.map((door) => operationsOf(stage, door)))).flat()
  const requests = fc.oneof(...operations.map((operation) => ({ weight: weightOf(operation), arbitrary: askedOf(operation, { local }) })))
  const line = openLine(house.url, LANES)
  const report: Report = { requests: 0, statuses: {}, untouched: [], findings: [] }
  const keys = keysOf(stage)
  const run: Run = { base: house.url, keys, line, things: new Things(), report, succeeded: new Set(), known: new Set() }
  await spareFirst(run)
  await Promise.all(
    Array.from({ length: LANES }, (_, lane) => runLane(run, requests, { count: Math.ceil(count / LANES), seed: seed + lane })),
  )
  line.close()
  report.untouched = operations.map(nameOf).filter((name) => !run.succeeded.has(name))
  return report
}

export const keysOf = ({ house: { firstRun } }: Stage): Keys => ({
  test: { canonical: firstRun.keys.canonical, 'blueticks-co': firstRun.keys.blueticks },
  live: { canonical: firstRun.live.keys.canonical, 'blueticks-co': firstRun.live.keys.blueticks },
})

async function operationsOf({ house }: Stage, door: DoorName): Promise<Operation[]> {
  const answer = await house.ask(`/docs/${door}/openapi.json`, { key: null })
  return readOperations(door, JSON.parse(answer.text))
}

/** What makes things comes often, what takes them away seldom. */
const weightOf = ({ method, path }: Operation): number => (method === 'DELETE' ? 1 : method === 'POST' && !path.includes('{') ? 5 : 3)

/** The keys and channels of the first day stay. */
async function spareFirst({ line, keys, things }: Run): Promise<void> {
  for (const workspace of ['test', 'live'] as const) {
    things.learn(workspace, { apiKey: keys[workspace]['blueticks-co'] })
    for (const url of ['/v2/api-keys', '/v2/channels', '/v2/me']) {
      const headers = { authorization: `Bearer ${keys[workspace].canonical}` }
      const answer = parsed((await line.send({ method: 'GET', url, headers, body: undefined })).text)
      things.learn(workspace, answer)
      things.spare(answer)
    }
  }
}

async function runLane(run: Run, requests: fc.Arbitrary<Asked>, { count, seed }: { count: number; seed: number }): Promise<void> {
  for (let left = count, from = seed; left > 0 && run.report.findings.length < FINDINGS_MOST; from += LANES) {
    let worst: (Finding & { signature: string }) | undefined
    const property = fc.asyncProperty(requests, async (asked) => {
      const fault = await ask(run, asked)
      if (!fault || run.known.has(fault.signature)) return
      worst = { ...fault, seed: from } // while it shrinks, the last one that fails is the smallest
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

async function ask(run: Run, asked: Asked): Promise<(Omit<Finding, 'seed'> & { signature: string }) | undefined> {
  const { operation, workspace } = asked
  const { report, things } = run
  const filled = fill(asked, things, run.keys[workspace][operation.door])
  report.requests++
  const tell = (fault: string) => ({
    ...{ operation: nameOf(operation), fault, curl: curlOf(run.base, filled) },
    signature: `${nameOf(operation)} ${fault.slice(0, 60)}`,
  })
  const answer = await sendPatiently(run.line, filled)
  if (answer instanceof Error) return tell(`no answer: ${answer.message}`)
  report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1
  const fault = findFault(asked, filled, answer, things)
  if (fault) return tell(fault)
  if (answer.status < 300) {
    run.succeeded.add(nameOf(operation))
    things.learn(workspace, parsed(answer.text), filled.url)
  }
}
