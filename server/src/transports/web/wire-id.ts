const WIRE_ID = /^[\x21-\x7e]{1,128}$/

/** The id of a message; undefined: it is none. The phone of its writer chose it, and any phone may name any: it may be anything. */
export const toWireId = (id: string | null | undefined): string | undefined => (id && WIRE_ID.test(id) ? id : undefined)
