import type { InboundContent } from '#core/content'
import type { GroupAct, GroupVerdict, RoadGroup, SimulatedGroup } from '#core/transport'

/** The simulated network as a person sees it: phones, what stands on their screens, faults on demand. Times are milliseconds since 1970. */
export interface SimulatorPort {
  /** The chats of a business number, by E.164. */
  chats(business: string): SimulatedChat[]
  chat(business: string, phone: string): SimulatedChat | undefined
  /** A phone writes, to the business or into a group; answers the network's id of the message. */
  reply(
    phone: string,
    business: string,
    message: { content: InboundContent; contextWireId?: string | undefined; group?: string | undefined },
  ): string
  /** What the network knows of groups, by the business number and the group's JID. */
  groups: {
    find(business: string, address: string): SimulatedGroup | undefined
    refound(business: string, address: string, read: () => Promise<RoadGroup | undefined>): Promise<void>
  }
  actInGroup(phone: string, group: SimulatedGroup, act: GroupAct): GroupVerdict
  react(phone: string, business: string, reaction: { wireId: string; emoji: string }): string
  vote(phone: string, business: string, vote: { wireId: string; options: string[] }): string
  edit(phone: string, business: string, edit: { wireId: string; text: string }): string
  revoke(phone: string, business: string, revoke: { wireId: string }): string
  pin(phone: string, business: string, pin: { wireId: string; pinned: boolean; seconds?: number | undefined }): string
  /** A phone opens its chat: what was delivered is read. */
  read(phone: string, business: string): void
  /** A file lies with the network until somebody fetches it. */
  files: { put(file: { bytes: Buffer; mimeType: string; filename?: string | undefined; owner: string }): RemoteFile }
  faults: { set(fault: Fault): { id: string }; clear(id?: string): void; list(): readonly (Fault & { id: string; met: number })[] }
}

type RemoteFile = { id: string; mimeType: string; sha256: string; bytes: Buffer }

export type SimulatedChat = {
  business: string
  phone: string
  /** By the network's id, oldest first. */
  bubbles: ReadonlyMap<string, SimulatedBubble>
  windowUntil: number
  /** Until when the business is seen typing. */
  typingUntil: number
  blocked: boolean
}

export type SimulatedBubble = {
  wireId: string
  direction: 'to_phone' | 'from_phone'
  content: InboundContent
  at: number
  state: string
  contextWireId: string | undefined
  arrivals: number
  reactions: { business?: string; phone?: string }
  votes: string[]
  pinnedUntil: number
  /** Of a group: who wrote it. */
  author: string | undefined
  /** Of a group or newsletter: whose phones it went to. */
  receivers: readonly string[] | undefined
}

export const FAULT_KINDS = [
  'drop',
  'delay',
  'duplicate',
  'reorder',
  'withhold',
  'status_first',
  'error',
  'error_after',
  'refuse',
  'cut_before',
  'cut_after',
] as const

/** Something goes wrong on demand with the messages of one business number. */
export type Fault = {
  kind: (typeof FAULT_KINDS)[number]
  business?: string | undefined
  phone?: string | undefined
  times?: number | undefined
  probability?: number | undefined
  ms?: number | undefined
  code?: number | undefined
  status?: number | undefined
}

declare module '#kit/context' {
  interface Ports {
    simulator: SimulatorPort
  }
}
