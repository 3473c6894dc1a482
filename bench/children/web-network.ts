import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNetwork } from '../../server/src/simulator/index.ts'
import { createWebServer } from '../../server/src/simulator/web/index.ts'
import { answerCalls } from '../calls.ts'
import { recipient } from '../peers/post.ts'

/** WhatsApp's server for linked phones, in a process of its own. */
export type WebFacts = { messages: number; twice: number; onTheWay: number; unacknowledged: number }

const network = createNetwork({ delays: { sentMs: 0, deliveredMs: 5, readMs: 10 }, mostChats: 100_000, mostBubbles: 1_000 })
const server = createWebServer({ network })
const folder = mkdtempSync(join(tmpdir(), 'chasqui-bench-web-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

answerCalls({
  async open() {
    const { socketUrl, ca } = await server.listen()
    const certificate = join(folder, 'ca.pem')
    writeFileSync(certificate, ca)
    return { socketUrl, certificate }
  },
  scan: ({ number, qr }: { number: string; qr: string }) => server.scan(number, qr),
  /** People write to a number, one message each. */
  write({ number, count }: { number: string; count: number }) {
    for (let i = 0; i < count; i++) network.reply(recipient(i), number, { content: { type: 'text', text: `words ${i}` } })
  },
  facts(number: string): WebFacts {
    const bubbles = network.chats(number).flatMap((chat) => [...chat.bubbles.values()].filter(({ direction }) => direction === 'to_phone'))
    return {
      messages: bubbles.length,
      twice: bubbles.filter(({ arrivals }) => arrivals > 1).length,
      onTheWay: network.stats().onTheWay,
      unacknowledged: server.unacknowledged(number),
    }
  },
})
