export { createOrganization } from './create-organization.ts'
export { hasOrganization } from './organization.store.ts'
export * from './organization.ts'
