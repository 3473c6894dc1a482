import { rmSync } from 'node:fs'
import { residentOf } from '../cpu.ts'
import { median, showRounds } from '../figures.ts'
import { freshFolder, openHouse } from '../houses.ts'
import { atMost, type Findings } from '../report.ts'
import type { Scale } from '../run.ts'

const REST_MS = 12_000

/** From the start of the process to the first 200 of /readyz, and what the process holds when nothing happens. */
export async function rest({ rounds, quick }: Scale): Promise<Findings> {
  const found = { cold: [] as number[], warm: [] as number[], memory: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    const folder = freshFolder()
    try {
      const first = await openHouse({ folder })
      found.cold.push(first.readySeconds)
      await first.close()
      const again = await openHouse({ folder })
      found.warm.push(again.readySeconds)
      await new Promise((done) => setTimeout(done, quick ? 1_000 : REST_MS))
      found.memory.push(residentOf(again.pid))
      await again.close()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const seconds = (value: number) => value.toFixed(2)
  return {
    title: 'At rest, and ready',
    text: [`Memory is the resident set of the Node process ${REST_MS / 1000} s after a warm start; PostgreSQL has its own.`],
    tables: [
      {
        columns: ['', 'median (rounds)'],
        rows: [
          ['ready on an empty folder, s', showRounds(found.cold)],
          ['ready on a known folder, s', showRounds(found.warm)],
          ['memory of the Node process, MB', showRounds(found.memory)],
        ],
      },
    ],
    gates: [
      atMost('ready on an empty folder, s', median(found.cold), 3, seconds),
      atMost('ready on a known folder, s', median(found.warm), 1, seconds),
      atMost('memory at rest, MB', median(found.memory), 180),
    ],
  }
}
