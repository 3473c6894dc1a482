export type { WebBook } from './send-again.ts'
export { createWebTransport } from './web-transport.ts'
