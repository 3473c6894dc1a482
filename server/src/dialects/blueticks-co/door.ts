/** The name of this door: what it makes carries it. */
export const DOOR = 'blueticks-co'

const DAY_SECONDS = 86_400
/** How far ahead a message may be sent. */
export const HORIZON = { minSeconds: 10, maxSeconds: 365 * DAY_SECONDS }
