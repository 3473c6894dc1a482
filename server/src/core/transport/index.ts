export * from './groups.ts'
export * from './transport.ts'
export * from './transport-channel.ts'
