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
  optOut?: OptOutSettings
  prices?: Prices
}

type CategoryPrices = { marketing?: number | undefined; utility?: number | undefined; authentication?: number | undefined }

/** What Meta charges this customer for a template message: by country (ISO 3166-1 alpha-2), and in all others. */
export type Prices = { currency: string; byCountry: Readonly<Record<string, CategoryPrices>>; elsewhere?: CategoryPrices | undefined }

/** What people write to get no more marketing, or to get it again, and what they are answered; absent: ours. null: no answer. */
export type OptOutSettings = { stopWords?: string[]; startWords?: string[]; stopReply?: string | null; startReply?: string | null }

/** How late a message may start where nobody said otherwise. */
export const LATE_DEFAULT = { afterSeconds: 21_600, action: 'expire' } as const

/** A workspace with what its organization lends it. */
export type WorkspaceEntry = Workspace & { plan: Plan; organizationName: string }
