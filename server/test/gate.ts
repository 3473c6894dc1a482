import type { Db } from '#kit/db'

/** A database whose first answer stays on the way until it is released: what happens in between is up to the test. */
export function gateFirstAnswer(db: Db): { db: Db; reached: Promise<void>; release(): void } {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const gated = db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      reached.resolve()
      await released.promise
      return result
    },
  })
  return { db: gated, reached: reached.promise, release: () => released.resolve() }
}
