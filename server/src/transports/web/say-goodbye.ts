import { setTimeout as sleep } from 'node:timers/promises'
import { reasonIn } from '#kit/errors'
import { quietSignal } from '#kit/quiet-signal'
import { forgetAuthState, openAuthState } from './auth-state.ts'
import { connect } from './connection.ts'
import { loadBaileys } from './library.ts'
import type { SessionParts } from './session-parts.ts'
import { openReceiptTaker } from './take-receipts.ts'

const WITHIN_MS = 10_000
/** For the network to take the device off its list. */
const LINGER_MS = 300

/** Tells WhatsApp that the number is linked here no more, if it can be told, and forgets the identity. */
export async function sayGoodbye(parts: Omit<SessionParts, 'connected' | 'opened'>): Promise<void> {
  const { db, session, log } = parts
  try {
    const baileys = await loadBaileys()
    quietSignal()
    const auth = await openAuthState({ ...parts, baileys })
    if (auth.isPaired) await leave({ ...parts, baileys, auth })
  } catch (error) {
    log.info(
      { channelId: session.channelId, error: reasonIn(error) },
      'WhatsApp could not be told that a number was logged out: remove the device on the phone',
    )
  }
  await forgetAuthState(db, session)
}

type Leaving = Omit<SessionParts, 'connected' | 'opened'> & Pick<Parameters<typeof connect>[0], 'baileys' | 'auth'>

async function leave({ session, version, ...parts }: Leaving): Promise<void> {
  const opened = Promise.withResolvers<void>()
  const connection = connect({
    ...parts,
    version: version.current,
    channelId: session.channelId,
    keep: async () => {
      throw new Error('a number that is being logged out keeps nothing') // it stays with the network until it is linked again
    },
    told: openReceiptTaker({ ...parts, session }),
    qr: () => undefined,
    opened: () => opened.resolve(),
  })
  try {
    await Promise.race([opened.promise, connection.closed, sleep(WITHIN_MS)])
    if (!connection.isOpen) throw new Error('no connection')
    await connection.socket.logout()
    await Promise.race([connection.closed, sleep(LINGER_MS)])
  } finally {
    connection.cut()
    await parts.auth.end()
  }
}
