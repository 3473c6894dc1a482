import { findUnrest } from './aftermath.ts'
import { type Finding, fuzz, type Report, type Wish } from './fuzz.ts'
import { openStage } from './stage.ts'

export type Played = {
  figures: Pick<Report, 'requests' | 'statuses' | 'memory'>
  /** Each in words, with the curl that shows it and the seed. */
  broken: string[]
}

/** With so many requests each operation must have succeeded. */
const ENOUGH_FOR_ALL = 20_000

/** A house of its own is opened, asked, looked after, and closed. */
export async function play(wish: Wish): Promise<Played> {
  const stage = await openStage()
  try {
    const { findings, untouched, ...figures } = await fuzz(stage, wish)
    const unrest = await findUnrest(stage)
    const never = wish.count < ENOUGH_FOR_ALL ? [] : untouched
    const broken = [
      ...findings.map(tell),
      ...never.map(({ operation, reasons }) => `never a success: ${operation} (${reasons})`),
      ...unrest.map((line) => `afterwards: ${line}`),
    ]
    return { figures, broken: broken.map((line) => `${line}\n  FUZZ_SEED=${wish.seed}`) }
  } finally {
    await stage.close()
  }
}

const CURL_MOST = 4_000
const tell = ({ operation, fault, curl }: Finding): string => `${operation}: ${fault}\n  ${curl.slice(0, CURL_MOST)}`
