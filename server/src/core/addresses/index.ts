export { identitiesOf, withPlus } from './identities-of.ts'
export type { Identity, IdentityKind } from './identity.ts'
export { normalisePhone, phoneTwin } from './normalise-phone.ts'
export { type Address, parseAddress } from './parse-address.ts'
