/** One place to wait: for a ring, for the nearest time anybody named, at most for the poll. */
export function openBell(now: () => Date) {
  let rung = false
  let nearest = Number.POSITIVE_INFINITY
  let wakeUp: (() => void) | undefined
  let timer: NodeJS.Timeout | undefined
  const ring = () => {
    rung = true
    wakeUp?.()
  }
  const aim = () => {
    clearTimeout(timer)
    if (nearest !== Number.POSITIVE_INFINITY) timer = setTimeout(ring, Math.min(Math.max(0, nearest - now().getTime()), 60_000))
  }
  return {
    ring,
    ringAt(dues: ReadonlyMap<number, Date>) {
      for (const due of dues.values()) nearest = Math.min(nearest, due.getTime())
      if (nearest <= now().getTime()) ring()
      else if (wakeUp) aim()
    },
    async heard(at: Date | undefined, mostMs: number) {
      if (at) nearest = Math.min(nearest, at.getTime())
      if (!rung) {
        await new Promise<void>((done) => {
          wakeUp = done
          const poll = setTimeout(ring, mostMs)
          aim()
          wakeUp = () => {
            clearTimeout(poll)
            done()
          }
        })
      }
      wakeUp = undefined
      clearTimeout(timer)
      rung = false
      nearest = Number.POSITIVE_INFINITY
    },
  }
}
