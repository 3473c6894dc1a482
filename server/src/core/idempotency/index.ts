export { type Claim, claimKey, completeKey } from './claim-key.ts'
