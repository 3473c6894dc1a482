export { findPlan } from './plan.store.ts'
export * from './plan.ts'
