export { createWebTransport } from './web-transport.ts'
