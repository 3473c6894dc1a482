import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerCalls } from '../calls.ts'

/** A webhook endpoint that says 200 to everything and counts. */
let seen = new Set<string>()
let posts = 0

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume().on('end', () => {
    posts++
    seen.add(String(request.headers['webhook-id']))
    response.writeHead(200, { 'content-length': 0 }).end()
  })
})

answerCalls({
  open: () =>
    new Promise<string>((done) => server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))), // a TCP listener has no other kind of address
  facts: () => ({ posts, distinct: seen.size }),
  forget: () => {
    seen = new Set()
    posts = 0
  },
})
