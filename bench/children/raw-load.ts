import { connect, type Socket } from 'node:net'
import { answerCalls } from '../calls.ts'

/** What to ask for: the same route with the bodies in turn. */
export type Load = { port: number; path: string; key: string; bodies: string[]; connections: number; seconds: number; status: number }
export type Loaded = { answers: number; seconds: number; p50: number; p99: number }

const LENGTH = /content-length: (\d+)/i

/** A request generator that costs as little as JavaScript can: bare sockets, ready-made bytes, one request at a time on each. */
answerCalls({
  async run(load: Load): Promise<Loaded> {
    const requests = load.bodies.map((body) =>
      Buffer.from(
        `POST ${load.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${load.key}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ),
    )
    const waits: number[] = []
    const begun = performance.now()
    const end = begun + load.seconds * 1000
    let next = 0
    const take = () => (performance.now() < end ? requests[next++ % requests.length] : undefined)
    await Promise.all(Array.from({ length: load.connections }, () => converse(load, take, waits)))
    const seconds = (performance.now() - begun) / 1000
    waits.sort((a, b) => a - b)
    return {
      answers: waits.length,
      seconds,
      p50: waits[Math.floor(waits.length * 0.5)] ?? 0,
      p99: waits[Math.floor(waits.length * 0.99)] ?? 0,
    }
  },
})

/** One connection: asks until there is nothing more to ask. Fails on any other status. */
function converse({ port, status }: Load, take: () => Buffer | undefined, waits: number[]): Promise<void> {
  return new Promise((done, failed) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const expected = `HTTP/1.1 ${status} `
    let heard = ''
    let asked = 0
    const ask = () => {
      const request = take()
      if (!request) {
        socket.end()
        done()
        return
      }
      asked = performance.now()
      socket.write(request)
    }
    socket.on('connect', ask)
    socket.on('error', failed)
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      const head = heard.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(LENGTH.exec(heard.slice(0, head))?.[1])
      if (heard.length < head + 4 + length) return
      if (!heard.startsWith(expected)) {
        socket.destroy()
        failed(new Error(`answered: ${heard.slice(0, 400)}`))
        return
      }
      waits.push(performance.now() - asked)
      heard = ''
      ask()
    })
  })
}
