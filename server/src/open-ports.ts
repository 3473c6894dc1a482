import { openLinkReader } from '#core/links'
import { type LockedMessage, openAcceptor, openAddressBook, openLinkPreviews, openQueueTouches, openSettler } from '#core/messages'
import type { SimulatorPort } from '#core/simulators'
import type { ChannelKind, Transport } from '#core/transport'
import type { Ports } from '#kit/context'
import type { HttpClient } from '#kit/http-client'
import type { Metrics } from '#kit/metrics'
import { openWaiters } from '#kit/waiters'
import type { Foundation } from './foundation.ts'

type PortParts = {
  metrics: Metrics
  http: HttpClient
  transports: { byKind: ReadonlyMap<ChannelKind, Transport>; simulatorPort: SimulatorPort }
  /** A message has moved. */
  observe(before: LockedMessage, after: LockedMessage): void
  /** Queues got work, due from these times on. */
  wake(dues?: ReadonlyMap<number, Date>): void
}

/** What the house hands to every verb of the core. */
export function openPorts(foundation: Foundation, { metrics, http, transports, observe, wake }: PortParts): Ports {
  const { database, events, log, clock } = foundation
  const waiters = openWaiters()
  const links = openLinkReader({ http })
  const touches = openQueueTouches({ database, wake })
  return {
    acceptor: openAcceptor({ database, events, now: () => clock.now(), touches, count: (messages) => metrics.accepted.inc(messages) }),
    settler: openSettler({
      database,
      events,
      installationId: foundation.installation.id,
      log,
      touches,
      ended: (messages) => waiters.end(messages.map(({ id }) => id)),
      observe(before, after) {
        metrics.ended.inc({ state: after.state })
        observe(before, after)
      },
    }),
    links,
    linkPreviews: openLinkPreviews({ db: database.db, links, log }),
    touches,
    waiters,
    addressBook: openAddressBook({ database, events }),
    events,
    eventHub: foundation.hub,
    keyRing: foundation.keyRing,
    channels: foundation.channels,
    workspaces: foundation.workspaces,
    secretBox: foundation.secretBox,
    files: foundation.files,
    http,
    transports: transports.byKind,
    simulator: transports.simulatorPort,
  }
}
