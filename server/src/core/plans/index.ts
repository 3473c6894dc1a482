export { findPlan, listPlanNames } from './plan.store.ts'
export * from './plan.ts'
