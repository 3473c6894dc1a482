export type { Bubble, BubbleState, Chat } from './chats.ts'
export type { FaultKind, FaultRule, Faults } from './faults.ts'
export type { NetworkFile } from './files.ts'
export type { AccountOptions } from './graph/accounts.ts'
export { createGraphEmulator, type GraphEmulator, type GraphEmulatorOptions, type GraphEmulatorStats } from './graph/graph-emulator.ts'
export type { WebhookOptions } from './graph/webhook-sender.ts'
export type { Delays } from './journeys.ts'
export { createNetwork } from './network.ts'
export type {
  BusinessSettings,
  Network,
  NetworkEvents,
  NetworkInbound,
  NetworkMessage,
  NetworkOptions,
  NetworkReceipt,
  NetworkStats,
  Verdict,
} from './network.types.ts'
export type { BubbleView, ChatView, PhoneAct, PhoneSummary, PhoneView } from './phone-view.ts'
export { normalNumber, type Phone } from './phones.ts'
export type { Refusal, RefusalWord } from './refusals.ts'
export type { SimulatedTime } from './time.ts'
