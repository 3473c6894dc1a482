export type { GraphWords } from './network.wire.ts'
export type { SandboxNetwork } from './sandbox-network.ts'
export { createSandboxTransport, type SandboxBook } from './sandbox-transport.ts'
