import { afterAll, expect, test } from 'vitest'
import { openInstallation, type RunningHouse } from './house-process.ts'

const installation = openInstallation()
afterAll(() => installation.clear())

type Message = { id: string; state: string }

const WORRIES = 40 // pino's warn
/** So many are accepted before the signal. */
const LOAD = 60

/** Posts one message after another until the house says goodbye; a connection that is refused is no request. */
async function postUntilShut(
  house: RunningHouse,
  key: string,
  lane: number,
  onAccepted: () => void,
): Promise<{ accepted: string[]; lost: string[] }> {
  const accepted: string[] = []
  const lost: string[] = []
  for (let count = 0; ; count++) {
    try {
      const answer = await fetch(`${house.url}/v2/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ to: `+1202555${String(1000 + lane)}`, text: `message ${count}` }),
      })
      if (answer.status !== 201) lost.push(`answered ${answer.status}`)
      else {
        accepted.push(((await answer.json()) as Message).id) // the canonical answer
        onAccepted()
      }
      // told to go: a new connection could still be one that nobody had taken when the listener closed
      if (answer.headers.get('connection') === 'close') return { accepted, lost }
    } catch (error) {
      const { code } = (error as Error & { cause?: { code?: string } }).cause ?? {} // undici's reason
      if (code !== 'ECONNREFUSED') lost.push(code ?? String(error))
      return { accepted, lost }
    }
  }
}

async function readAll(house: RunningHouse, key: string): Promise<Map<string, string>> {
  const states = new Map<string, string>()
  for (let cursor = ''; ; ) {
    const answer = await fetch(`${house.url}/v2/messages?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const { data, nextCursor } = (await answer.json()) as { data: Message[]; nextCursor: string | null } // the canonical list
    for (const { id, state } of data) states.set(id, state)
    if (nextCursor === null) return states
    cursor = nextCursor
  }
}

test('SIGTERM under load: every request is answered, nothing stays on the wire, nothing is left running', async () => {
  const house = await installation.start()
  const key = installation.firstRun().keys.canonical
  const underWay = Promise.withResolvers<void>()
  let count = 0
  const onAccepted = () => ++count === LOAD && underWay.resolve()
  const posting = Array.from({ length: 12 }, (_, lane) => postUntilShut(house, key, lane, onAccepted))
  await underWay.promise
  const ended = await house.end()
  const posted = await Promise.all(posting)

  expect(posted.flatMap(({ lost }) => lost)).toEqual([])
  const accepted = posted.flatMap((lane) => lane.accepted)
  expect(ended.code).toBe(0)
  const worries = ended.errors.split('\n').filter((line) => line !== '' && JSON.parse(line).level >= WORRIES)
  expect(worries).toEqual([])
  expect(installation.databasePid()).toBeUndefined()

  const again = await installation.start({ CHASQUI_ROLES: 'api' }) // nobody sends now: what it shows is what was left
  const states = await readAll(again, key)
  expect(accepted.filter((id) => !states.has(id))).toEqual([])
  expect([...states.values()].filter((state) => state === 'sending')).toEqual([])
  expect((await again.end()).code).toBe(0)
})
