export type IdentityKind = 'phone' | 'wa_id' | 'bsuid' | 'lid' | 'group'

/** One of the names by which the world knows somebody. */
export type Identity = { kind: IdentityKind; value: string }
