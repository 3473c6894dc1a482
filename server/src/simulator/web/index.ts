export type { Addressing } from './fault-book.ts'
export type { WebFaults } from './faults.ts'
export { createWebServer } from './web-server.ts'
export type { LinkedDevice, WebServer, WebServerOptions } from './web-server.types.ts'
