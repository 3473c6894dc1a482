import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FirstRun } from '../first-run.ts'
import type { CommandInput } from './command.ts'

/** A running house, asked over its own API with a key. */
export type HouseClient = (path: string, body?: unknown) => Promise<Response>

/** Nobody answered, which may pass. Everything else is a refusal. */
export const AWAY = 'ECONNREFUSED'

/** What commands take that speak to a running house. */
export const HOUSE_OPTIONS = { url: { type: 'string' }, key: { type: 'string' } } as const

/** Where the house is and a key for it: as given, else of the first run. Throws in words that say what to give. */
export function findHouse({ config, values }: CommandInput, environment: 'live' | 'test') {
  const file = join(config.dataDir, 'first-run.json')
  const firstRun: FirstRun | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  const url = typeof values.url === 'string' ? values.url : (firstRun?.url ?? `http://127.0.0.1:${config.port}`)
  const known = environment === 'live' ? firstRun?.live.keys : firstRun?.keys
  const key = typeof values.key === 'string' ? values.key : known?.canonical
  if (!key) throw new Error(`There is no ${file}: start the house once, or give a key of a ${environment} workspace with --key.`)
  return { url: url.replace(/\/$/, ''), key, firstRun }
}

/** A POST where there is a body. Throws with the refusal's own words. */
export function openHouseClient({ url, key }: { url: string; key: string }): HouseClient {
  return async (path, body) => {
    const answer = await fetch(`${url}/v2${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch(() => {
      throw Object.assign(new Error(`Nobody answers at ${url}: is Chasqui running?`), { code: AWAY })
    })
    if (!answer.ok) throw Object.assign(new Error(await refusalOf(answer)), { status: answer.status })
    return answer
  }
}

/** Nobody answers, or an answer broke in the middle: fetch says the latter by a TypeError with a cause, which a slip of ours has not. */
export const isAway = (error: unknown): boolean =>
  (error instanceof TypeError && error.cause !== undefined) || (error as { code?: string }).code === AWAY

/** What was asked does not go with how things stand. */
export const isConflict = (error: unknown): boolean => (error as { status?: number }).status === 409

const refusalOf = async (answer: Response): Promise<string> => {
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string } // problem+json, if anything
  return problem.detail ?? `The house answered ${answer.status}`
}
