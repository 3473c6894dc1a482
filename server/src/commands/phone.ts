import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FirstRun } from '../first-run.ts'
import { type Command, type CommandInput, wrongCall } from './command.ts'

type Bubble = {
  wireId: string
  direction: 'to_phone' | 'from_phone'
  state: string
  content: { type: string } & Record<string, unknown>
  at: string
}
type Chat = { business: string; phone: string; bubbles: Bubble[] }
type Server = { url: string; key: string; channelId: string | undefined }

const LOOK_EVERY_MS = 300

export const phone: Command = {
  name: 'phone',
  usage: 'phone <number> [--cloud] [--url U] [--key K]',
  does: 'Hold a simulated phone: see its chat live, type to answer, Ctrl-C to put it down',
  options: { url: { type: 'string' }, key: { type: 'string' }, cloud: { type: 'boolean' } },
  async run(input) {
    const [number] = input.positionals
    if (!number) throw wrongCall(phone, 'Say which phone, for example +12025550123.')
    const server = findServer(input)
    const first = await look(server, number)
    console.log(`${first.phone} and ${first.business}. Type to answer, Ctrl-C to put the phone down.\n`)
    void answerFromTerminal(server, first.phone)
    await follow(server, first.phone)
  },
}

function findServer({ config, values }: CommandInput): Server {
  const file = join(config.dataDir, 'first-run.json')
  const firstRun: FirstRun | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  const url = typeof values.url === 'string' ? values.url : (firstRun?.url ?? `http://127.0.0.1:${config.port}`)
  const key = typeof values.key === 'string' ? values.key : firstRun?.keys.canonical
  if (!key) throw new Error(`There is no ${file}: give a test key with --key.`)
  return { url: url.replace(/\/$/, ''), key, channelId: values.cloud ? firstRun?.channels.cloud.id : undefined }
}

async function call<Answer>({ url, key }: Server, path: string, body?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) }
  const answer = await fetch(`${url}/v2${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error(`Nobody answers at ${url}: is Chasqui running?`)
  })
  const answered = await answer.json()
  if (!answer.ok) throw new Error((answered as { detail?: string }).detail ?? `The house answered ${answer.status}`)
  return answered as Answer // its own API, described at /docs
}

const path = (server: Server, number: string) =>
  `/simulator/phones/${encodeURIComponent(number)}${server.channelId ? `?channelId=${server.channelId}` : ''}`
const look = (server: Server, number: string) => call<Chat>(server, path(server, number))

/** Prints what is new and what has changed, until the house is gone. */
async function follow(server: Server, number: string): Promise<void> {
  const shown = new Map<string, string>()
  for (;;) {
    const { bubbles } = await look(server, number)
    for (const bubble of bubbles) {
      if (!shown.has(bubble.wireId)) console.log(line(bubble))
      shown.set(bubble.wireId, bubble.state)
    }
    await sleep(LOOK_EVERY_MS)
  }
}

async function answerFromTerminal(server: Server, number: string): Promise<void> {
  for await (const words of createInterface({ input: process.stdin })) {
    if (words.trim() === '') continue
    await call(server, `/simulator/phones/${encodeURIComponent(number)}/messages`, {
      text: words,
      ...(server.channelId && { channelId: server.channelId }),
    }).catch((error: Error) => console.error(error.message))
  }
}

function line({ at, direction, content }: Bubble): string {
  const time = new Date(at).toLocaleTimeString(undefined, { hour12: false })
  return `${time}  ${direction === 'to_phone' ? '◀' : '▶ you:'} ${wordsOf(content)}`
}

function wordsOf({ type, ...content }: Bubble['content']): string {
  const words = [content.text, content.caption, content.question, content.name, content.emoji].find(
    (one) => typeof one === 'string' && one !== '',
  )
  return type === 'text' && typeof words === 'string' ? words : `[${type}]${typeof words === 'string' ? ` ${words}` : ''}`
}
