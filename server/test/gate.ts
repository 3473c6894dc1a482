import type { Db } from '#kit/db'

/** A database whose first answer stays on the way until it is released: what happens in between is up to the test. */
export function gateFirstAnswer(db: Db): { db: Db; reached: Promise<void>; release(): void } {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const hold = async <Result>(answer: Result): Promise<Result> => {
    reached.resolve()
    await released.promise
    return answer
  }
  const executor = db.getExecutor().withPlugin({ transformQuery: ({ node }) => node, transformResult: ({ result }) => hold(result) })
  const { withConnection } = db
  return {
    db: {
      getExecutor: () => executor,
      ...(withConnection && { withConnection: async (work) => hold(await withConnection(work)) }),
    },
    reached: reached.promise,
    release: () => released.resolve(),
  }
}
