import type { InboundContent } from '#core/content'
import type { GroupAct, GroupVerdict, ParticipantRefusal, RoadGroup, SimulatedGroup } from '#core/transport'

/** What this road needs of the simulated network; the house hands one over. Times are milliseconds since 1970. */
export interface SandboxNetwork {
  /** Takes a message from a business number; receipts follow later. */
  deliver(business: string, to: string, message: SandboxMessage): SandboxVerdict
  business(number: string, settings: { enforceWindow: boolean; pairLimit: boolean }): void
  markRead(business: string, wireId: string): boolean
  phone(number: string): SandboxPhone | undefined
  isOnWhatsApp(number: string): boolean
  /** A business number puts a message at the top of a phone's chat; without seconds it takes it down. */
  showPin(business: string, to: string, pin: { wireId: string; seconds: number | undefined }): void
  /** A business number changes or takes back a bubble of a phone's chat. */
  amend(business: string, to: string, content: InboundContent): void
  on(name: 'receipt', listener: (receipt: SandboxReceipt) => void): () => void
  on(name: 'message', listener: (message: SandboxInbound) => void): () => void
  on(name: 'group', listener: (act: SandboxGroupAct) => void): () => void
  showTyping(business: string, to: string, forMs: number): void
  readonly groups: {
    /** Of every newsletter. */
    readonly followers: readonly string[]
    create(business: string, group: { name: string; people: readonly string[] }): { group: SimulatedGroup; refused: ParticipantRefusal[] }
    createNewsletter(business: string, newsletter: { name: string; description: string | undefined }): SimulatedGroup
    find(business: string, address: string): SimulatedGroup | undefined
    refound(business: string, address: string, read: () => Promise<RoadGroup | undefined>): Promise<void>
    act(group: SimulatedGroup, who: string, act: GroupAct): GroupVerdict
  }
  readonly files: {
    put(file: { bytes: Buffer; mimeType: string; filename?: string | undefined; owner: string }): SandboxFile
    get(id: string): SandboxFile | undefined
  }
}

export type SandboxMessage = {
  content: InboundContent
  wireId?: string | undefined
  contextWireId?: string | undefined
  callbackData?: string | undefined
  category?: string | undefined
}

/** In the network's words: Meta's number, and the HTTP status that Meta would answer with. */
export type SandboxRefusal = { word: string; code: number; title: string; details: string; http: number }

export type SandboxVerdict =
  | { kind: 'accepted'; wireId: string }
  | { kind: 'refused'; refusal: SandboxRefusal }
  | { kind: 'broken'; status: number; code: number | undefined; sent: boolean }
  | { kind: 'cut'; sent: boolean }

type SandboxPhone = { number: string; waId: string; profileName: string; bsuid?: string; username?: string; hidesNumber?: boolean }

export type SandboxReceipt = {
  business: string
  phone: SandboxPhone
  wireId: string
  state: 'sent' | 'delivered' | 'read' | 'failed'
  at: number
  callbackData: string | undefined
  category: string | undefined
  failure: SandboxRefusal | undefined
}

export type SandboxInbound = {
  business: string
  phone: SandboxPhone
  wireId: string
  at: number
  content: InboundContent
  contextWireId: string | undefined
  group: string | undefined
}

type SandboxFile = { id: string; bytes: Buffer; mimeType: string; sha256: string }

export type SandboxGroupAct = { business: string; group: SimulatedGroup; id: string; at: number; who: string; act: GroupAct }
