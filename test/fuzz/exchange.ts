import { Agent, type IncomingHttpHeaders, request } from 'node:http'

/** A request as it goes over the wire. */
export type Wire = { method: string; url: string; headers: Record<string, string>; body: Buffer | undefined }
export type Answer = { status: number; headers: IncomingHttpHeaders; text: string }

export interface Line {
  /** Throws when there is no answer within 30 s. Of a stream only the head is taken. */
  send(wire: Wire): Promise<Answer>
  close(): void
}

const ANSWER_MS = 30_000

/** node:http, for fetch would tidy the paths. */
export function openLine(base: string, connections: number): Line {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(base)
  return {
    send: ({ method, url, headers, body }) =>
      new Promise((done, failed) => {
        const length = body === undefined ? {} : { 'content-length': String(body.length) }
        const asking = request(
          { agent, hostname, port, method, path: url, headers: { ...headers, ...length }, timeout: ANSWER_MS },
          (answer) => {
            const told = { status: answer.statusCode ?? 0, headers: answer.headers }
            if (answer.headers['content-type']?.startsWith('text/event-stream')) {
              answer.destroy()
              return done({ ...told, text: '' })
            }
            const chunks: Buffer[] = []
            answer.on('data', (chunk: Buffer) => chunks.push(chunk))
            answer.on('error', failed)
            answer.on('end', () => done({ ...told, text: Buffer.concat(chunks).toString('utf8') }))
          },
        )
        asking.on('timeout', () => asking.destroy(new Error(`no answer within ${ANSWER_MS} ms`)))
        asking.on('error', failed)
        asking.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** To be pasted into a shell; bytes that a shell would not take are told as base64. */
export function curlOf(base: string, { method, url, headers, body }: Wire): string {
  const heads = Object.entries(headers).map(([name, value]) => ` -H ${quoted(`${name}: ${value}`)}`)
  const text = body?.toString('utf8')
  const plain = body && text !== undefined && Buffer.from(text).equals(body) && !text.includes('\0')
  const from =
    body === undefined ? '' : plain ? ` --data-binary ${quoted(text)}` : ` --data-binary @<(echo ${body.toString('base64')} | base64 -d)`
  return `curl -g --path-as-is -X ${method} ${quoted(base + url)}${heads.join('')}${from}`
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
