export { examine, type Finding } from './examine.ts'
export { holdInstallation } from './hold-installation.ts'
export { claimFirstRun, clearHold } from './installation.store.ts'
export { type Installation, openInstallation } from './open-installation.ts'
