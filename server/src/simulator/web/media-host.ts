import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { readBody } from '../bodies.ts'
import type { MediaStore } from './media-store.ts'

export type Tls = { key: string; cert: string }

const UPLOAD_MOST = 128 * 2 ** 20

/** Where clients put sealed files and fetch them. */
export function openMediaHost(media: MediaStore, tls: () => Tls): { listen(): Promise<{ ca: string }>; close(): Promise<void> } {
  let server: Server | undefined
  return {
    async listen() {
      const { key, cert } = tls()
      const open = createServer({ key, cert }, (request, response) => {
        const path = (request.url ?? '/').split('?')[0] ?? '/'
        if (request.method === 'POST') {
          return readBody(request, UPLOAD_MOST, (bytes) => {
            if (!bytes) return void response.writeHead(413).end()
            const { url, directPath } = media.put(bytes)
            response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ url, direct_path: directPath }))
          })
        }
        const bytes = media.get(path)
        if (!bytes) return void response.writeHead(404).end()
        response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length }).end(bytes)
      })
      await new Promise<void>((resolve, reject) => open.once('error', reject).listen(0, '127.0.0.1', resolve))
      const { port } = open.address() as AddressInfo // a listening TCP server has no other kind of address
      media.host = `127.0.0.1:${port}`
      server = open
      return { ca: cert }
    },
    close: () =>
      new Promise((resolve) => {
        if (!server) return resolve()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
