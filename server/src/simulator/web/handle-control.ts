import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../bodies.ts'
import { CONTROL_MOST, type Control } from '../control.ts'
import { splitTarget } from '../request-path.ts'

/** What is no socket on this port: the steering, if it is open. */
export function handleControl(control: Control | undefined, request: IncomingMessage, response: ServerResponse): void {
  const {
    path: [first, ...path],
    search,
  } = splitTarget(request.url)
  if (!control || first !== '_control') {
    response.writeHead(404).end()
    return
  }
  readBody(request, CONTROL_MOST, (body) => {
    if (body) control.handle({ request, response, path, search, body })
    else response.writeHead(413).end()
  })
}
