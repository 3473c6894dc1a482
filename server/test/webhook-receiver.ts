import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export type Told = { path: string; headers: IncomingHttpHeaders; body: string }

/** Somebody's webhook URL on loopback. */
export interface WebhookReceiver {
  readonly url: string
  /** What came, in order. */
  readonly told: Told[]
  /** Resolves when `count` requests have come in all; rejects after 15 s. */
  until(count: number): Promise<Told[]>
  close(): Promise<void>
}

type Answer = (told: Told, response: ServerResponse, count: number) => void | Promise<void>

const PATIENCE_MS = 15_000

/** Answers 200 'ok' unless `answer` does it. */
export async function openReceiver(answer: Answer = (_, response) => void response.end('ok')): Promise<WebhookReceiver> {
  const told: Told[] = []
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one: Told = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') }
      told.push(one)
      void answer(one, response, told.length)
      for (const look of waiting) look()
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo // a TCP server has no other
  return {
    url: `http://127.0.0.1:${port}/hook`,
    told,
    until(count) {
      return new Promise((done, failed) => {
        const timer = setTimeout(() => {
          waiting.delete(look)
          failed(new Error(`${told.length} of ${count} webhooks came`))
        }, PATIENCE_MS)
        const look = () => {
          if (told.length < count) return
          clearTimeout(timer)
          waiting.delete(look)
          done([...told])
        }
        waiting.add(look)
        look()
      })
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}
