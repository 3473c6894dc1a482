/** Where the wire id is ours to choose. The same for every attempt of a message: a repeat is the same bubble. */
export const wireIdOf = (messageId: string): string => `3EB0${messageId.replaceAll('-', '').slice(-18).toUpperCase()}`

/** Perhaps one of them; WhatsApp's own web client makes such ids too. */
export const OWN_WIRE_ID = /^3EB0[0-9A-F]{18}$/
