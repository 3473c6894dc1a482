import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Posted = { path: string; headers: IncomingHttpHeaders; body: string }

/** Somebody's web server on loopback: it serves files and takes what is posted to it. */
export interface Web {
  readonly url: string
  readonly posted: Posted[]
  /** Resolves with the first post, from the beginning, that fits. Rejects after 20 s. */
  until(fits: (posted: Posted) => boolean): Promise<Posted>
  close(): Promise<void>
}

const PATIENCE_MS = 20_000

export async function openWeb(files: Readonly<Record<string, { type: string; bytes: Buffer }>> = {}): Promise<Web> {
  const posted: Posted[] = []
  const looks = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      const file = files[path]
      if (request.method === 'GET') {
        response.writeHead(file ? 200 : 404, file && { 'content-type': file.type }).end(file?.bytes)
        return
      }
      posted.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
      response.end('ok')
      for (const look of looks) look()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo // a TCP server has no other kind
  return {
    url: `http://127.0.0.1:${port}`,
    posted,
    until: (fits) =>
      new Promise((done, failed) => {
        const end = () => {
          clearTimeout(timer)
          looks.delete(look)
        }
        const look = () => {
          const found = posted.find(fits)
          if (!found) return
          end()
          done(found)
        }
        const timer = setTimeout(() => {
          end()
          failed(new Error(`it was not posted; what came: ${posted.map(({ path, body }) => `${path} ${body.slice(0, 80)}`).join(' | ')}`))
        }, PATIENCE_MS)
        looks.add(look)
        look()
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** The smallest files of their kinds. */
export const PDF = Buffer.from('%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n')
export const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
