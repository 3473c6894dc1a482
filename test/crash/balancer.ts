import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** One address for several nodes, as a load balancer in front of them: each connection goes to the next node that takes it. */
export interface Balancer {
  readonly url: string
  point(urls: readonly string[]): void
  close(): Promise<void>
}

export async function openBalancer(): Promise<Balancer> {
  let ports: number[] = []
  let turn = 0
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    return socket
  }
  const lead = (client: Socket, tries: number) => {
    const port = ports[turn++ % ports.length]
    if (tries === 0 || port === undefined) return client.destroy()
    const node = keep(connect(port, '127.0.0.1'))
    let connected = false
    node.once('connect', () => {
      connected = true
      client.pipe(node).pipe(client)
      client.once('close', () => node.destroy())
    })
    node.once('close', () => (connected ? client.destroy() : lead(client, tries - 1)))
  }
  const server = createServer((client) => lead(keep(client), ports.length))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo // a TCP server has no other kind of address
  return {
    url: `http://127.0.0.1:${port}`,
    point(urls) {
      ports = urls.map((url) => Number(new URL(url).port))
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}
