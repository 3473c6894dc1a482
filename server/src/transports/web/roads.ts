import { DomainError } from '#kit/errors'
import { type SessionOf, UNAVAILABLE } from './asked.ts'
import type { Calls } from './calls.ts'
import { openGroupRoad } from './group-road.ts'
import type { ChannelRef } from './lines.ts'
import { openNewsletterRoad } from './newsletter-road.ts'
import { openPeopleRoad, type SentBefore } from './people-road.ts'
import { shareRoad } from './share-road.ts'

/** What a linked number does beside writing, for whoever holds its session. */
export const openRoads = (sessionOf: SessionOf, sentBefore: SentBefore) => ({
  people: openPeopleRoad(sessionOf, sentBefore),
  groups: openGroupRoad(sessionOf),
  newsletters: openNewsletterRoad(sessionOf),
})
export type Roads = ReturnType<typeof openRoads>

type Sharing = { isHere(channel: ChannelRef): boolean; calls: Pick<Calls, 'ask'> }

/** The same for every process: what only the holder can do is asked of it. */
export function shareRoads({ people: { close: _, ...people }, groups, newsletters }: Roads, sharing: Sharing) {
  const refused = { ...sharing, unanswered: () => UNAVAILABLE }
  const thrown = {
    ...sharing,
    unanswered() {
      throw notConnected()
    },
  }
  return {
    people: shareRoad('people', people, thrown),
    groups: shareRoad('groups', groups, refused),
    newsletters: shareRoad('newsletters', newsletters, refused),
  }
}

export const notConnected = () => new DomainError('unavailable', 'The number is not connected right now')
