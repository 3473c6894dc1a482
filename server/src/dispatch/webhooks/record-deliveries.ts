import type { DeliveryDetails } from '#core/webhooks'
import type { Db } from '#kit/db'
import { GONE, retryDelay } from './judge-endpoint.ts'
import type { Part } from './news.ts'
import type { Ending, Telling } from './post-event.ts'
import {
  insertAttempts,
  insertWaiting,
  type LockedEndpoint,
  type Redated,
  redateWaiting,
  removeWaiting,
  type Waiting,
} from './record.store.ts'

export type Locked = ReadonlyMap<string, LockedEndpoint>

/** Logs the attempts and keeps, re-dates or removes what waits. */
export async function writeDeliveries(db: Db, now: Date, news: readonly Part[], locked: Locked): Promise<void> {
  const attempts = news.flatMap((part) => part.attempts)
  const stragglers = news.flatMap((part) => part.stragglers)
  const fresh: Waiting[] = stragglers.map(({ telling, claim }) => ({
    ...waitingOf(telling),
    attempt: telling.attempt - 1,
    claim,
    dueAt: undefined,
  }))
  const later: Redated[] = []
  const done = [...news.flatMap((part) => part.unwanted)]
  for (const { telling, ending, claim } of attempts) {
    const dueAt = ending.succeeded || !isAlive(telling, ending, locked) ? undefined : dueAgain(telling, now)
    if (claim === undefined) {
      if (dueAt) fresh.push({ ...waitingOf(telling), claim: undefined, dueAt })
    } else if (dueAt) later.push({ subject: telling.deliveryId, claim, attempt: telling.attempt, dueAt })
    else done.push({ subject: telling.deliveryId, claim })
  }
  if (fresh.length > 0) await insertWaiting(db, fresh)
  if (later.length > 0) await redateWaiting(db, later)
  if (done.length > 0) await removeWaiting(db, done)
  if (attempts.length > 0) await insertAttempts(db, attempts)
}

/** Is there any sense in telling it again? */
const isAlive = ({ endpointId }: Telling, { status }: Ending, locked: Locked) =>
  endpointId === undefined ? status !== GONE : locked.get(endpointId)?.state === 'enabled'

function dueAgain({ style, attempt, before }: Telling, now: Date): Date | undefined {
  const delay = retryDelay(style, attempt - before - 1)
  return delay === undefined ? undefined : new Date(now.getTime() + delay)
}

function waitingOf({
  deliveryId,
  workspaceId,
  attempt,
  before,
  receiver,
  url,
  styleName,
  event,
  toldAs,
  endpointId,
  messageId,
}: Telling): Omit<Waiting, 'claim' | 'dueAt'> {
  const details: DeliveryDetails = {
    url,
    style: styleName,
    eventId: event.id,
    eventSeq: event.seq,
    eventType: event.type,
    endpointId,
    messageId,
    toldAs,
    ...(before > 0 && { before }),
  }
  return { subject: deliveryId, workspaceId, attempt, receiver, details }
}
