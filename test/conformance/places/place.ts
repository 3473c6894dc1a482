import type { Answer, Asked, FirstRun } from '../house.ts'

type Keys = FirstRun['keys']

/** Where the suite runs: a live house whose account has a number, and the phones of the people around it. */
export interface Place {
  url: string
  keys: Keys
  /** Of another workspace of the same house. */
  other: { keys: Keys }
  /** The linked number that messages leave from, E.164. */
  number: string
  /** A simulated cloud number beside it; only the sandbox has one. */
  cloud?: { id: string }
  facts: Facts
  phones: Phones
  /** Asks with the account's key for this product, unless another is given. */
  ask(path: string, asked?: Asked): Promise<Answer>
  /** Does what a number needs that was logged out. */
  comeBack(): Promise<void>
  close(): Promise<void>
}

/** In which the places differ. */
export type Facts = {
  /** How many numbers the account has. */
  engines: number
  platform: string
  /** How far the number hears that a post in its newsletter got: 1 sent, 2 delivered. */
  newsletterAck: 1 | 2
  /** People enough for a campaign to be caught at work. */
  crowd: number
}

export type PhoneDeed = 'messages' | 'edits' | 'revocations' | 'pins' | 'reactions' | 'votes' | 'read'

export type Bubble = { wireId: string; reactions: Readonly<Record<string, string>>; pinnedUntil: string | null }

/** What the people around do with their phones. Numbers are E.164. */
export interface Phones {
  /** In the chat with our number, in the words of the simulator's API; answers the network's id of what came of it. */
  act(phone: string, deed: PhoneDeed, body: Readonly<Record<string, unknown>>): Promise<string>
  /** In a group, by its JID; of what is written: the network's id. */
  actInGroup(phone: string, group: string, does: Readonly<Record<string, unknown>>): Promise<string>
  /** What a phone shows of the chat with our number. */
  bubbles(phone: string): Promise<Bubble[]>
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent: the sandbox. */
    place?: 'own number'
  }
}
