/** Lets so many work at one time; the others wait for their turn, in order. */
export function openTurns(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let working = 0
  return async (work) => {
    if (working < most) working++
    else await new Promise<void>((go) => waiting.push(go)) // whoever ends hands the turn on
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else working--
    }
  }
}
