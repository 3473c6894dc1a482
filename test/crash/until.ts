import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_MS = 100

/** Asks again and again; a word instead of true says what is still missing. */
export async function until(
  mostMs: number,
  what: string,
  look: () => boolean | string | Promise<boolean | string>,
  everyMs = LOOK_MS,
): Promise<void> {
  for (const end = performance.now() + mostMs; ; await sleep(everyMs)) {
    const found = await look()
    if (found === true) return
    if (performance.now() > end) throw new Error(`not within ${mostMs} ms: ${what} (${found})`)
  }
}
