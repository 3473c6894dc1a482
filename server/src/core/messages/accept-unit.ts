import type { NewMessage } from './new-message.ts'

/** What is accepted or refused as one: a message, or a bulk of them. */
export type AcceptUnit = {
  workspaceId: string
  messages: readonly NewMessage[]
  idempotency?:
    | { key: string; fingerprint: Buffer /** Kept with the key: what a replay of a bulk must answer beside its messages. */; note?: string }
    | undefined
  /** The plan's bound on messages that wait for a future time. */
  waitingMost?: number | undefined
}

/** A replay names the message that the first request made (the first of a bulk). */
export type Accepted =
  | { kind: 'written'; numbers: ReadonlyMap<string, number> }
  | { kind: 'replay'; subject: string; note: string | undefined }
