/** A message ready to be written: everything resolved, nothing left to ask. */
export type NewMessage = {
  id: string
  workspaceId: string
  channelId: string
  conversationId: string
  contactId: string | undefined
  campaignId?: string | undefined
  queueId: number
  lane: number
  address: string
  /** JSON. */
  content: string
  sendAt: Date | undefined
  /** Leaves no sooner, in its place in the order: somebody is seen typing first. */
  notBefore?: Date | undefined
  createdAt: Date
  /** A door waits for its outcome. */
  awaited: boolean
  /** JSON of the columns that are seldom set, by their names. */
  options: string
  callback: { url: string; style: string } | undefined
}
