import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DomainError } from '#kit/errors'
import type { Logger } from '#kit/log'
import { findMount, type Mount } from './mount.ts'
import { toDomainError } from './refusals.ts'
import { newRequestId } from './request-life.ts'

export type Voices = {
  /** Answers a refusal in the voice of the door that the path belongs to, whoever asked. */
  refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply
}

/** Every refusal of the server goes through here; a path that belongs to no door gets the first one's voice. */
export function createVoices(mounts: readonly Mount[], log: Logger): Voices {
  const mountOf = (url: string) => findMount(mounts, url) ?? mounts[0]
  return {
    refuse(thrown, request, reply) {
      const error = toDomainError(thrown)
      if (error.code === 'internal')
        log.error({ requestId: request.id, route: request.routeOptions?.url, ...wordsOf(thrown) }, 'a request failed')
      if (error.code === 'rate_limited') reply.header('Retry-After', String(error.facts.retryAfter ?? 1))
      const spoken = mountOf(request.url)?.speak(error, request.id)
      if (!spoken) return reply.code(500).send()
      const status = error.facts.misdirected === true ? 421 : spoken.status
      return reply
        .code(status)
        .type('application/json; charset=utf-8')
        .headers({ 'X-Request-Id': request.id, ...spoken.headers })
        .send(spoken.body)
    },
  }
}

/** Errors and unknown paths of every scope end in the voices; a door's own host name serves that door alone. */
export function speakEverywhere(
  app: FastifyInstance,
  { refuse }: Voices,
  { mounts, hosts }: { mounts: readonly Mount[]; hosts: ReadonlyMap<string, string> },
): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => refuse(error, request, reply))
  app.setNotFoundHandler((request, reply) => refuse(new DomainError('not_found', 'There is nothing at this path'), request, reply))
  if (hosts.size === 0) return
  app.addHook('onRequest', async (request) => {
    const door = hosts.get(request.hostname.toLowerCase())
    const mount = findMount(mounts, request.url)
    if (!door || !mount || mount.name === door) return
    throw new DomainError('not_found', `This host serves ${door} only`, { facts: { misdirected: true } })
  })
}

/** A head that is no HTTP has no path, so it has no door: a plain answer, and the connection ends. */
export function refuseConnection(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const line =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  const body = JSON.stringify({ title: line.slice(4), status: Number(line.slice(0, 3)), code: 'malformed' })
  socket.end(
    `HTTP/1.1 ${line}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\nX-Request-Id: ${newRequestId()}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** An error as a log may show it: values that look like keys are taken out, a database's detail is left out. */
function wordsOf(error: unknown): { error: string; stack?: string | undefined; code?: unknown } {
  if (!(error instanceof Error)) return { error: typeof error }
  return {
    error: withoutSecrets(error.message),
    stack: error.stack && withoutSecrets(error.stack),
    code: (error as { code?: unknown }).code,
  }
}

const SECRET = /\b(?:chq|bt|btk)_(?:live|test)_\w+|\d+\|\w{20,}|\b(?=\w*\d)(?=\w*[A-Za-z])\w{32,}\b/g

export const withoutSecrets = (text: string): string => text.replace(SECRET, '[secret]')
