export type ChannelKind = 'cloud' | 'web' | 'sandbox'

/** A channel as its transport sees it; credentials are open here and nowhere else. */
export type TransportChannel = {
  id: string
  workspaceId: string
  kind: ChannelKind
  /** E.164 */
  number: string
  settings: Readonly<Record<string, unknown>>
  credentials: Readonly<Record<string, string>>
}
