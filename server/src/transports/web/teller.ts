import type { Incoming } from '#core/transport'
import { DomainError, reasonIn } from '#kit/errors'
import type { Logger } from '#kit/log'
import { persist } from './persist.ts'

/** Reads what is to be told, when its turn has come. */
export type Piece = () => Promise<Partial<Incoming>>

/** Tells one thing after the other, in the order in which they came; those that came while something was told are told together. */
export interface Teller {
  put(piece: Piece): void
  /** Something in a piece could not be read; the rest of it is told. */
  unread(error: unknown): void
}

type TellerParts = {
  /** false: the session is not ours any more. Throws `invalid` for what nobody can make a row of. */
  tell(incoming: Partial<Incoming>): Promise<boolean>
  log: Logger
}

const WAITING_MOST = 10_000
const TOGETHER_MOST = 500
const AGAIN_MS = 1_000
const TRIES_MOST = 60

/** Ends with the session: what has not been told by then is lost, and logged. */
export function openTeller({ tell, log }: TellerParts): Teller {
  const waiting: Piece[] = []
  let busy = false
  let over = false

  const unread = (error: unknown) => log.warn({ error }, 'something that WhatsApp told could not be read')
  const read = (piece: Piece) =>
    piece().catch((error: unknown): Partial<Incoming> => {
      unread(error)
      return {}
    })

  /** Whoever cannot be taken in stands back for the others. */
  const hand = async (pieces: readonly Partial<Incoming>[]): Promise<void> => {
    const incoming = joined(pieces)
    if (over || Object.keys(incoming).length === 0) return
    const answer = await handOver(() => tell(incoming), log)
    if (answer === 'lost') over = true
    else if (answer === 'refused' && pieces.length > 1) for (const piece of pieces) await hand([piece])
  }

  const work = async () => {
    while (waiting.length > 0 && !over) await hand(await Promise.all(waiting.splice(0, TOGETHER_MOST).map(read)))
    busy = false
    if (waiting.length > 0) log.warn({ count: waiting.splice(0).length }, 'a session ended before all that WhatsApp told was taken in')
  }

  return {
    unread,
    put(piece) {
      if (over) return
      if (waiting.length >= WAITING_MOST) {
        waiting.shift()
        log.warn({ waiting: WAITING_MOST }, 'something that WhatsApp told was dropped: too much waits')
      }
      waiting.push(piece)
      if (busy) return
      busy = true
      setImmediate(() => void work())
    },
  }
}

/** Waits while the database is away: nobody says these things again. */
async function handOver(tell: () => Promise<boolean>, log: Logger): Promise<'taken' | 'lost' | 'refused'> {
  try {
    return (await persist(tell, { tries: TRIES_MOST, everyMs: AGAIN_MS, unless: isRefusal })) ? 'taken' : 'lost'
  } catch (error) {
    if (isRefusal(error)) return 'refused' // whoever refused it has logged it
    log.error({ error: reasonIn(error) }, 'something that WhatsApp told was given up')
    return 'taken'
  }
}

const isRefusal = (error: unknown): boolean => error instanceof DomainError && error.code === 'invalid'

/** All of the pieces were there before the network was asked for a whole group: what they say happened before it. */
function joined(pieces: readonly Partial<Incoming>[]): Partial<Incoming> {
  const changes = pieces.flatMap((piece) => piece.groupChanges ?? [])
  const wholes = new Map(changes.flatMap((change) => (change.deed.kind === 'known' ? [[change.group, change] as const] : [])))
  const groupChanges = [...changes.filter(({ deed }) => deed.kind !== 'known'), ...wholes.values()]
  const newsletters = pieces.flatMap((piece) => piece.newsletters ?? [])
  const people = pieces.flatMap((piece) => piece.people ?? [])
  const history = pieces.flatMap((piece) => piece.history ?? [])
  const chatMarks = pieces.flatMap((piece) => piece.chatMarks ?? [])
  return {
    ...(groupChanges.length > 0 && { groupChanges }),
    ...(newsletters.length > 0 && { newsletters }),
    ...(people.length > 0 && { people }),
    ...(history.length > 0 && { history }),
    ...(chatMarks.length > 0 && { chatMarks }),
  }
}
