export type { Addressing } from './fault-book.ts'
export type { WebFaults } from './faults.ts'
export { createWebServer, type LinkedDevice, type WebServer, type WebServerOptions } from './web-server.ts'
