export type { Bubble, BubbleState, Chat } from './chats.ts'
export { type FaultKind, FaultRule, type Faults } from './faults.ts'
export type { NetworkFile } from './files.ts'
export { AccountOptions } from './graph/accounts.ts'
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
export { type BubbleView, type ChatView, createPhoneView, PhoneAct, type PhoneSummary, type PhoneView } from './phone-view.ts'
export type { Phone } from './phones.ts'
export type { Refusal, RefusalWord } from './refusals.ts'
export { createManualTime, type ManualTime, type SimulatedTime } from './time.ts'
