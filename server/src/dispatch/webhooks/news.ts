import type { Ending, Telling } from './post-event.ts'

/** claim: of the outbox row it was told from; undefined: told from the endpoint's cursor. */
export type Attempt = { telling: Telling; ending: Ending; claim: string | undefined }

/** How far a leased endpoint has been told. */
export type Progress = {
  endpointId: string
  workspaceId: string
  lease: string
  cursor: number
  release: boolean
  /** Events that were dropped for age before they could be told. */
  gap?: { from: number; to: number } | undefined
}

/** One writer's news. */
export type Part = {
  attempts: readonly Attempt[]
  /** On the wire for so long that the cursor goes on without them. */
  stragglers: readonly { telling: Telling; claim: string }[]
  /** Waiting deliveries that nobody wants any more. */
  unwanted: readonly { subject: string; claim: string }[]
  progress?: Progress | undefined
}

/** What became of the endpoint of a Progress. */
export type Recorded = {
  /** It is still ours, enabled, and as it was when it was leased (updatedAt). */
  held: boolean
  updatedAt: Date | undefined
  /** Its circuit is open. */
  open: boolean
}
