export { openServer, type Server, type ServerParts, type ServerSettings } from './open-server.ts'
export { openRateLimits } from './rate-limits.ts'
