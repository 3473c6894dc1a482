export type { Identity, IdentityKind } from './identity.ts'
export { isCountry, normalisePhone, phoneTwin, withPlus } from './normalise-phone.ts'
export { type Address, parseAddress } from './parse-address.ts'
export { isPossiblePhone, isValidPhone } from './phone-plans.ts'
