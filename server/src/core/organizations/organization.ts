/** The customer. Its data lives in its two workspaces. */
export type Organization = {
  id: string
  name: string
  plan: string
  createdAt: Date
}
