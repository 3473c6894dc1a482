import { randomUUID } from 'node:crypto'
import { EndpointTeller } from './tell-endpoint.ts'
import { leaseEndpoints } from './teller.store.ts'
import { knownEndpoint, type TellerParts } from './teller-parts.ts'

/** The endpoints that this node tells now, a teller each. A workspace that is undefined means all of them. */
export interface LeasedEndpoints {
  /** Leases endpoints that have something to tell; true when there may be more. */
  lease(workspaceIds: readonly string[] | undefined): Promise<boolean>
  /** There may be new events. */
  wake(workspaceId: string | undefined): void
  /** Gives leases back when the wire is empty, or now. */
  leave(workspaceId: string | undefined, when?: { now: boolean }): void
  /** A few times a second. */
  tick(): void
}

const LEASED_MOST = 500
const LEASES_AT_ONCE = 100
/** How long an endpoint is held while others wait for a place. */
const TURN_MS = 10_000

/** `left` is called when an endpoint of the workspace was given back or lost. */
export function openLeasedEndpoints(parts: TellerParts, left: (workspaceId: string) => void): LeasedEndpoints {
  const tellers = new Map<string, EndpointTeller>()

  const tellersOf = (workspaceId: string | undefined) =>
    [...tellers.values()].filter(({ endpoint }) => workspaceId === undefined || endpoint.workspaceId === workspaceId)

  const gone = (teller: EndpointTeller) => {
    if (tellers.get(teller.endpoint.id) !== teller) return
    tellers.delete(teller.endpoint.id)
    left(teller.endpoint.workspaceId) // what came while it left
  }

  return {
    async lease(workspaceIds) {
      const limit = Math.min(LEASES_AT_ONCE, LEASED_MOST - tellers.size)
      if (limit <= 0) return false
      const leaseId = randomUUID()
      const rows = await leaseEndpoints(parts.database.engine, leaseId, { workspaceIds, limit })
      for (const row of rows) {
        const known = knownEndpoint(parts, row)
        if (!known) continue
        const endpoint = { ...known, lease: leaseId, cursor: row.cursor_seq, latest: row.latest, probing: row.probe_at !== null }
        const teller: EndpointTeller = new EndpointTeller(parts, endpoint, () => gone(teller))
        tellers.get(row.id)?.lost()
        tellers.set(row.id, teller)
        teller.wake()
      }
      return rows.length === limit
    },
    wake(workspaceId) {
      for (const teller of tellersOf(workspaceId)) teller.wake()
    },
    leave(workspaceId, { now } = { now: false }) {
      for (const teller of tellersOf(workspaceId)) teller.leave(now)
    },
    tick() {
      const crowded = tellers.size >= LEASED_MOST
      for (const teller of tellers.values()) {
        if (crowded && performance.now() - teller.heldSince > TURN_MS) teller.leave()
        else teller.tick()
      }
    },
  }
}
