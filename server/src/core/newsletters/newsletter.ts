/** A WhatsApp channel that people follow; the word channel is taken. */
export type Newsletter = {
  id: string
  workspaceId: string
  channelId: string
  /** Its JID: where posts go. */
  address: string
  name: string
  description: string | undefined
  subscribers: number | undefined
  /** The last part of its link. */
  invite: string | undefined
  verified: boolean | undefined
  foundedAt: Date | undefined
  createdAt: Date
}
