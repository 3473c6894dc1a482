/** The five products' formats; all open the same doors. `legacy` is Blueticks' old 32 characters. */
export const KEY_STYLES = ['canonical', 'blueticks', 'bluetick', 'blasty', 'wabotick', 'legacy'] as const
export type KeyStyle = (typeof KEY_STYLES)[number]

export type Key = {
  id: string
  workspaceId: string
  name: string
  /** A member, or 'operator' for the command line and the first run. */
  owner: string
  style: KeyStyle
  scopes: readonly string[]
  lastFour: string
  createdAt: Date
  lastUsedAt: Date | undefined
  revokedAt: Date | undefined
}
