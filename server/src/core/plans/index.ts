export * from './plan.ts'
export { findPlan } from './plan.store.ts'
