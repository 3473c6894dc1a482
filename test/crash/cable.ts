import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A line between one house and the network: tells who is on it, and can be cut. */
export interface Cable {
  readonly port: number
  /** Connections that are open now. */
  readonly open: number
  /** Both ends learn of it; who calls again is let through. */
  cut(): void
  close(): Promise<void>
}

export async function openCable(to: number, used: () => void): Promise<Cable> {
  const callers = new Set<Socket>()
  const server = createServer((caller) => {
    const line = connect(to, '127.0.0.1')
    callers.add(caller)
    used()
    const end = () => {
      callers.delete(caller)
      caller.destroy()
      line.destroy()
    }
    for (const socket of [caller, line]) socket.setNoDelay(true).on('error', end).on('close', end)
    caller.pipe(line).pipe(caller)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const cut = () => {
    for (const caller of callers) caller.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port, // a TCP server has no other kind of address
    get open() {
      return callers.size
    },
    cut,
    async close() {
      cut()
      await new Promise((done) => server.close(done))
    },
  }
}
