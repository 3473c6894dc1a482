export { type Claim, claimKey, completeKey } from './claim-key.ts'
export { peekKey } from './peek-key.ts'
