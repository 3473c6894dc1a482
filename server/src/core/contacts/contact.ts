import type { Identity } from '#core/addresses'

export type Contact = {
  id: string
  number: number
  workspaceId: string
  name: string | undefined
  /** What the person calls himself on WhatsApp. */
  profileName: string | undefined
  email: string | undefined
  /** E.164 */
  phone: string | undefined
  language: string | undefined
  timeZone: string | undefined
  externalId: string | undefined
  fields: Readonly<Record<string, unknown>>
  identities: readonly Identity[]
  optedOutAt: Date | undefined
  blockedAt: Date | undefined
  createdAt: Date
  updatedAt: Date
}
