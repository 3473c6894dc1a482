import type { WAVersion } from 'baileys'
import type { SessionStand } from '#core/channels'
import { type AuthState, SessionLost } from './auth-state.ts'
import { type Connection, connect } from './connection.ts'
import type { Baileys } from './library.ts'
import { openLinking } from './linking.ts'
import type { SessionParts } from './session-parts.ts'
import { openReceiptTaker } from './take-receipts.ts'

/** One connection of a session, from its beginning to its end. */
export interface Attempt {
  readonly connection: Connection
  /** Somebody may have asked for letters. */
  look(): void
  /** It is open, and the channel does not say so. */
  standOpen(): void
  /** Resolves when it has ended and everything begun rests. */
  readonly over: Promise<Ending>
}

/** `version`: the one that it said it was. */
export type Ending = { code: number | undefined; isPaired: boolean; version: WAVersion | undefined }

type AttemptParts = SessionParts & {
  baileys: Baileys
  auth: AuthState
  stopping: AbortSignal
  stand(is: SessionStand): Promise<unknown>
  failed(error: unknown): void
}

export function openAttempt({ baileys, auth, stopping, stand, ...parts }: AttemptParts): Attempt {
  const { session, version: web } = parts
  const version = web.current
  let opening: Promise<unknown> = Promise.resolve()
  const failed = (error: unknown) => {
    parts.failed(error)
    made.cut()
  }
  const standOpen = () => {
    opening = Promise.all([opening, stand({ is: 'open' })]).catch(failed)
  }
  const linking = openLinking({
    ...parts,
    isPaired: () => auth.isPaired,
    awaited: () => stand({ is: 'awaiting_scan' }),
    failed,
  })
  const made = connect({
    ...parts,
    baileys,
    auth,
    version,
    channelId: session.channelId,
    keep: (body) => keep(parts, body),
    told: openReceiptTaker({ ...parts, session }),
    qr: (text) => linking.qr(made.socket, text),
    opened() {
      standOpen()
      void opening.then(() => made.isOpen && parts.opened(made))
    },
  })
  parts.connected(made, baileys)
  stopping.addEventListener('abort', made.cut, { once: true })
  if (stopping.aborted) made.cut() // said while nothing could be cut yet
  const end = async (): Promise<Ending> => {
    const code = await made.closed
    stopping.removeEventListener('abort', made.cut)
    await Promise.all([linking.settled(), opening])
    await auth.end()
    return { code, isPaired: auth.isPaired, version }
  }
  return { connection: made, look: linking.look, standOpen, over: end() }
}

/** Commits what was decrypted, if the session is surely ours. */
async function keep({ inbox, lease, session }: SessionParts, body: Buffer): Promise<void> {
  const { channelId: id, workspaceId, epoch } = session
  if (!lease.isSure || !(await inbox.keep({ id, workspaceId, epoch }, body))) throw new SessionLost()
}
