/** What an organization may do. undefined: no limit. */
export type Plan = {
  name: string
  requestsPerMinute: number | undefined
  /** Messages that may wait for a future time. */
  scheduledWaiting: number | undefined
  messagesPerMonth: number | undefined
  subscribers: number | undefined
  /** Words appended to outgoing texts and captions at dispatch. */
  footer: string | undefined
}
