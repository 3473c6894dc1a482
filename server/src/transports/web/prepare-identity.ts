import { beginLink, findLink, type NumberRefusal, type SessionStand } from '#core/channels'
import type { AfterClose } from './after-close.ts'
import { type AuthState, forgetAuthState, openAuthState, SessionLost, UnreadableKeys } from './auth-state.ts'
import type { Baileys } from './library.ts'
import { numberOf } from './number-of.ts'
import { sayGoodbye } from './say-goodbye.ts'
import type { SessionParts } from './session-parts.ts'

type Stop = Extract<AfterClose, { next: 'stop' }>
type Preparing = { baileys: Baileys; stopping: AbortSignal; stand(is: SessionStand): Promise<'done' | NumberRefusal> }

/** The identity to connect with; or why there is none: nobody links it, or the number that was linked is not this channel's. */
export async function prepareIdentity(parts: SessionParts, { baileys, stopping, stand }: Preparing): Promise<AuthState | Stop> {
  const { db, session } = parts
  const link = await findLink(db, { id: session.channelId, workspaceId: session.workspaceId })
  if (link?.fresh) await forgetFormer(parts, stopping)
  const auth = await openAuthState({ ...parts, baileys }).catch(unreadable)
  if ('next' in auth) return auth
  if (!link && !auth.isPaired) return { next: 'stop', reason: 'logged_out', forget: true } // a QR would be shown to nobody
  const phone = link && auth.isPaired ? numberOf(auth.state.creds.me?.id) : undefined
  const answer = phone === undefined ? 'done' : await stand({ is: 'connecting', phone })
  if (answer === 'done') return auth
  await auth.end()
  await sayGoodbye(parts, stopping)
  return { next: 'stop', reason: answer, forget: true }
}

/** The phone would go on listing the device of before; it has room for a few. */
async function forgetFormer(parts: SessionParts, stopping: AbortSignal): Promise<void> {
  const { db, session } = parts
  await sayGoodbye(parts, stopping)
  if (stopping.aborted || !(await forgetAuthState(db, session))) throw new SessionLost()
  await beginLink(db, session)
}

function unreadable(error: unknown): Stop {
  if (!(error instanceof UnreadableKeys)) throw error
  return { next: 'stop', reason: 'unreadable_keys', forget: false }
}
