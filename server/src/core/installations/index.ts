export { examine, type Finding } from './examine.ts'
export { claimFirstRun } from './installation.store.ts'
export { type Installation, openInstallation } from './open-installation.ts'
export { resumeHeld } from './resume-held.ts'
