export { createWebTransport, type WebBook } from './web-transport.ts'
