export { changePlan, changePlanAsOperator } from './change-plan.ts'
export { createOrganization } from './create-organization.ts'
export { findOrganizations, hasOrganization } from './organization.store.ts'
export * from './organization.ts'
