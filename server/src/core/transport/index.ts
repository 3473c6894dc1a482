export * from './groups.ts'
export * from './simulated-group.ts'
export * from './transport.ts'
export * from './transport-channel.ts'
