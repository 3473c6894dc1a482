export type { Identity, IdentityKind } from './identity.ts'
export { normalisePhone, phoneTwin, withPlus } from './normalise-phone.ts'
export { type Address, parseAddress } from './parse-address.ts'
