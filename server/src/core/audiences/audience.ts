/** A stored list of people to send to. */
export type Audience = {
  id: string
  number: number
  workspaceId: string
  name: string
  memberCount: number
  createdAt: Date
  updatedAt: Date
}

/** One of them, and the words that a text puts in place of its tokens for him. */
export type Member = {
  id: string
  /** E.164, or the JID of a group or newsletter. */
  address: string
  variables: Readonly<Record<string, string>>
  addedAt: Date
}
