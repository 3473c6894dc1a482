import { lockColdPaces, writeColdPaces } from '#core/channels'
import { type Db, inTransaction } from '#kit/db'
import { forgetSend, type SendRef } from './cold.store.ts'

/** A cold message that did not leave does not count; the gap that it began stays. */
export const returnCold = (engine: Db, send: SendRef, now: Date): Promise<void> =>
  inTransaction(engine, {}, async (db) => {
    const [pace] = await lockColdPaces(db, [send.channelId], now)
    const day = pace && (await forgetSend(db, send, pace.timeZone))
    if (pace && day === pace.today && pace.sent > 0) await writeColdPaces(db, [{ ...pace, sent: pace.sent - 1 }])
  })
