import { findLink } from '#core/channels'
import { type AfterClose, afterClose } from './after-close.ts'
import type { Ending } from './attempt.ts'
import { noteReplaced } from './owners.store.ts'
import type { SessionParts } from './session-parts.ts'

/** What the connections of a session came to, one after the other. */
export interface Course {
  /** Connections in a row that did not stay open. */
  readonly tries: number
  /** The next connection is tried. */
  begun(): void
  /** It is open. */
  opened(): void
  /** It is open, and nobody answers. */
  silent(): void
  /** It has ended; answers whether because nobody answered. */
  ended(): { isSilent: boolean }
}

/** What opens and breaks at once is as good as never open. */
const STAYED_MS = 60_000

/** `clock`: milliseconds that nobody sets back. */
export function openCourse(clock: () => number = () => performance.now()): Course {
  let tries = 0
  let openedAt: number | undefined
  let isSilent = false
  return {
    get tries() {
      return tries
    },
    begun() {
      tries++
    },
    opened() {
      openedAt ??= clock()
    },
    silent() {
      isSilent = true
    },
    ended() {
      if (openedAt !== undefined && clock() - openedAt >= STAYED_MS) tries = 1
      const was = { isSilent }
      openedAt = undefined
      isSilent = false
      return was
    },
  }
}

/** What follows the end of a connection. */
export async function judge(parts: SessionParts, course: Course, { code, isPaired, version }: Ending): Promise<AfterClose> {
  const { isSilent } = course.ended()
  if (isSilent) return { next: 'again', afterMs: 0, stand: { is: 'degraded', reason: 'silent' } }
  const closing = {
    code,
    isPaired,
    tries: course.tries,
    replacedBeforeMs: code === 440 ? await sinceReplaced(parts) : undefined,
    linkingMs: isPaired ? 0 : await sinceAsked(parts),
    hasNewerVersion: code === 405 && (await parts.version.refresh(version)),
  }
  return afterClose(closing, Math.random)
}

async function sinceReplaced({ db, session, now }: SessionParts): Promise<number | undefined> {
  const before = await noteReplaced(db, session)
  return before && now().getTime() - before.getTime()
}

/** Letters may have been asked for while the connection stood. */
async function sinceAsked({ db, session, now }: SessionParts): Promise<number> {
  const link = await findLink(db, { id: session.channelId, workspaceId: session.workspaceId })
  return link ? now().getTime() - link.askedAt.getTime() : 0
}
