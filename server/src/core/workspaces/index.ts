export { findOperatorWorkspace } from './find-operator-workspace.ts'
export { findWorkspace, getWorkspace } from './get-workspace.ts'
export * from './workspace.ts'
export { openWorkspaceDirectory, type WorkspaceDirectory } from './workspace-directory.ts'
