export { type Claim, claimKey, completeKey } from './claim-key.ts'
export { holdKey, releaseKey } from './hold-key.ts'
export { peekKey } from './peek-key.ts'
