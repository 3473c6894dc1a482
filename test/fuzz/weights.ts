import type { Operation } from './document.ts'

/** A channel that is logged out is closed for seconds, for all. */
const CLOSES = /\/(?:logout|reload)$/
const TAKES_AWAY = /\/(?:cancel|leave|pause|archive|faults)$/

/** How often it comes: what makes things often, what takes them away seldom. */
export function weightOf({ method, path }: Operation): number {
  const names = path.split('{').length - 1
  if (CLOSES.test(path)) return 1
  if (names > 1) return 40
  if (method === 'GET') return 25
  if (method === 'DELETE' || TAKES_AWAY.test(path)) return 12
  return names > 0 ? 40 : 50
}

/** In which states a thing lets it happen, in the words of both doors. */
const WANTED: readonly [operation: RegExp, states: readonly string[]][] = [
  [/^(?:PATCH|DELETE) \/v[12]\/(?:scheduled-)?messages\/\{id\}$|messages\/\{id\}\/cancel$/, ['scheduled', 'queued', 'held', 'pending']],
  [/campaigns\/\{id\}\/start$/, ['draft']],
  [/^PATCH \/v2\/campaigns\/\{id\}$/, ['draft', 'scheduled', 'paused']],
  [/campaigns\/\{id\}\/(?:pause|cancel)$/, ['running', 'scheduled', 'pending']],
  [/campaigns\/\{id\}\/resume$|recurrences\/\{id\}\/resume$/, ['paused']],
  [/campaigns\/\{id\}\/retry-failed$/, ['completed']],
  [/recurrences\/\{id\}(?:\/pause|\/cancel|\/occurrences.*)?$/, ['active']],
]

export const wantedStates = (operation: string): readonly string[] => WANTED.find(([pattern]) => pattern.test(operation))?.[1] ?? []
