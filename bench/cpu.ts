import { readdirSync, readFileSync } from 'node:fs'

const TICK = 100 // clock ticks a second, on every Linux that Node runs on

/** The fields of /proc/<pid>/stat after the name, which may hold spaces. */
function statOf(pid: number | string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined // ended meanwhile
  }
}

const seconds = (stat: readonly string[], fields: readonly number[]): number =>
  fields.reduce((sum, field) => sum + Number(stat[field] ?? 0), 0) / TICK

const PARENT = 1
const OWN = [11, 12] // user and system time
const WITH_ENDED_CHILDREN = [11, 12, 13, 14]

/** Seconds of processor time of one process, all its threads. Linux only. */
export const cpuOf = (pid: number): number => seconds(statOf(pid) ?? [], OWN)

/** Seconds of a server and of its children, the ended ones as well: a PostgreSQL with all its backends. */
export function cpuOfFamily(pid: number): number {
  const own = seconds(statOf(pid) ?? [], WITH_ENDED_CHILDREN)
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(name))
    .filter((stat) => stat?.[PARENT] === String(pid))
  return children.reduce((sum, stat) => sum + seconds(stat ?? [], OWN), own)
}

/** Seconds that all processes of the machine together were busy since it was started; one of its cores counts one. */
export function cpuOfMachine(): number {
  const fields = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]?.trim().split(/\s+/).slice(1) ?? []
  const idle = new Set([3, 4]) // idle, waiting for a disk; 8 and 9 are guests, counted among the others
  return fields.reduce((sum, ticks, field) => (idle.has(field) || field > 7 ? sum : sum + Number(ticks)), 0) / TICK
}

export type Cpu = Record<string, number>

/** Starts counting; answers a function that says how many seconds each part has used since. */
export function meterCpu(parts: Record<string, () => number>): () => Cpu {
  const read = () => Object.entries(parts).map(([name, part]) => [name, part()] as const)
  const before = new Map(read())
  return () => Object.fromEntries(read().map(([name, now]) => [name, now - (before.get(name) ?? 0)]))
}

/** Megabytes that a process holds in memory. */
export function residentOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return Number(line?.[1] ?? Number.NaN) / 1024
}
