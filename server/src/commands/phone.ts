import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { bubbleWords, reactionWords } from './bubble-words.ts'
import { type Command, type CommandInput, wrongCall } from './command.ts'
import { findHouse, HOUSE_OPTIONS, isAway } from './house-client.ts'
import { type Bubble, openEmulatorPhones, openPhoneServer, type PhoneServer } from './phone-server.ts'

const LOOK_GAP_MS = 100
const AGAIN_MS = 1_000

export const phone: Command = {
  name: 'phone',
  usage: 'phone <number> [--cloud] [--emulator URL] [--url U] [--key K]',
  does: 'Hold a simulated phone: see its chat live, type to answer, Ctrl-C to put it down',
  options: { ...HOUSE_OPTIONS, cloud: { type: 'boolean' }, emulator: { type: 'string' } },
  async run(input) {
    const [number] = input.positionals
    if (!number) throw wrongCall(phone, 'Say which phone, for example +12025550123.')
    const server = await findServer(input)
    const chat = await server.look(number)
    console.log(`${chat.phone} and ${chat.business}. Type to answer, Ctrl-C to put the phone down.\n`)
    process.once('SIGINT', () => process.exit(0))
    void answerFromTerminal(server, chat.phone)
    await follow(server, chat.phone)
  },
}

async function findServer(input: CommandInput): Promise<PhoneServer> {
  const { values } = input
  if (typeof values.emulator === 'string') return openEmulatorPhones(values.emulator.replace(/\/$/, ''))
  const { url, key, firstRun } = findHouse(input, 'test')
  return openPhoneServer({ url, key, channelId: values.cloud ? firstRun?.channels.cloud.id : undefined })
}

/** Prints what is new, each time something happens; a house that is away is waited for. */
async function follow(server: PhoneServer, number: string): Promise<void> {
  const shown = new Map<string, Bubble>()
  let looking: Promise<void> | undefined
  let again = false
  const look = async () => {
    do {
      again = false
      const { bubbles } = await server.look(number)
      for (const bubble of bubbles) show(shown, bubble)
      await sleep(LOOK_GAP_MS) // a busy house is not asked for every event
    } while (again)
  }
  let away = false
  const happened = () => {
    away = false
    again = true
    looking ??= look()
      .catch(() => undefined) // the stream ends as well, and says so
      .finally(() => (looking = undefined))
  }
  for (; ; await sleep(AGAIN_MS)) {
    try {
      await server.listen(happened)
    } catch (error) {
      if (!isAway(error)) throw error
      if (!away) console.log('(The house is away.)')
      away = true
    }
  }
}

function show(shown: Map<string, Bubble>, bubble: Bubble): void {
  const before = shown.get(bubble.wireId)
  shown.set(bubble.wireId, bubble)
  if (!before) console.log(bubbleWords(bubble))
  const { business = '' } = bubble.reactions
  if (business !== (before?.reactions.business ?? '')) console.log(reactionWords(bubble, business))
}

async function answerFromTerminal(server: PhoneServer, number: string): Promise<void> {
  for await (const words of createInterface({ input: process.stdin })) {
    if (words.trim() === '') continue
    await server.write(number, words).catch((error: Error) => console.error(error.message))
  }
}
