import { sql } from '#kit/db'

/** Seconds that a lease, or the claim of a waiting delivery, holds: a time-out, and room to write. */
const LEASE_SECONDS = 20
export const lease = sql.raw(`interval '${LEASE_SECONDS} seconds'`)
