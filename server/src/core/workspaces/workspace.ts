import type { Plan } from '#core/plans'

export type Workspace = {
  id: string
  organizationId: string
  environment: 'live' | 'test'
  /** ISO 3166-1 alpha-2, for numbers without a country code. */
  defaultCountry: string
  timeZone: string
  settings: WorkspaceSettings
  createdAt: Date
}

export type WorkspaceSettings = {
  /** How late a message with sendAt may start, and what becomes of it after. Default 6 h, expire. */
  late?: { afterSeconds: number; action: 'expire' | 'hold' }
}

/** A workspace with what its organization lends it. */
export type WorkspaceEntry = Workspace & { plan: Plan; organizationName: string }
