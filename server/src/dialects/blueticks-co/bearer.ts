const BEARER = /^Bearer +([^\s]+) *$/i

/** The key of an Authorization header. */
export const bearer = (authorization: string | undefined): string | undefined => BEARER.exec(authorization ?? '')?.[1]
