export { createOrganization } from './create-organization.ts'
export * from './organization.ts'
