import { setImmediate as nextTurn } from 'node:timers/promises'
import type { UnreadSandboxMessage } from '#core/messages'
import type { Capabilities, Outcome, Outgoing, SendOptions, Transport, TransportChannel } from '#core/transport'
import { DomainError } from '#kit/errors'
import { personaOf, played } from './capabilities.ts'
import { type GroupRows, openGroupRoad, openNewsletterRoad, refoundGroup } from './group-road.ts'
import { toGroupChange } from './groups.wire.ts'
import { type InboxQueue, openInboxQueue } from './inbox-queue.ts'
import { type GraphWords, toInboundMessage, toOutcome, toReceipt, withFile } from './network.wire.ts'
import { pictureOf } from './picture.ts'
import type { SandboxMessage, SandboxNetwork, SandboxVerdict } from './sandbox-network.ts'

export type SandboxOptions = {
  network: SandboxNetwork
  words: GraphWords
  /** What the cloud road can carry: a channel that plays it carries the same. */
  cloud: Capabilities
  /** The same of an own number. */
  ownNumber: Capabilities
  book: SandboxBook
  callbackData(messageId: string, attempt: number): string
}

/** What the database knows and the simulated phones, which live in memory, do not. */
export type SandboxBook = GroupRows & {
  channelOf(number: string): Promise<string | undefined>
  /** Whether this person wrote within the last 24 hours. */
  isWindowOpen(channelId: string, address: string): Promise<boolean>
  /** Sent a short while ago, with receipts still to come. */
  unread(): Promise<UnreadSandboxMessage[]>
}

const FOR_MANY = /@(g\.us|newsletter)$/
const NUMBERS_MOST = 100_000
/** The number that throttles does so twice. */
const DELIVERIES_MOST = 3
const REPLAYED_A_TURN = 200
/** These phones write when a message has reached them: they have done so, and should not do it again. */
const WRITES_BY_ITSELF = /000[38]$/

/** The road to the simulated network in this process. */
export function createSandboxTransport({ network, words, cloud, ownNumber, book, callbackData }: SandboxOptions): Transport {
  const own = played(ownNumber)
  const numbers = openNumbers(network, book)
  let queue: InboxQueue | undefined
  let deaf: (() => void)[] = []
  let recovering: Promise<void> = Promise.resolve()
  let closed = false
  /** The network forgets its groups with the process. */
  const refound = (channel: { id: string; number: string }, address: string) =>
    FOR_MANY.test(address) ? refoundGroup(network.groups, book, channel, address) : undefined
  /** Puts messages of a process that died onto its phones again, under their own ids, so that their receipts come after all. */
  const recover = async () => {
    for (const [count, message] of (await book.unread()).entries()) {
      if (closed) return
      if (count % REPLAYED_A_TURN === REPLAYED_A_TURN - 1) await nextTurn()
      await refound({ id: message.channelId, number: message.number }, message.address)
      numbers.unlimited(message.number, () => replay(network, message, callbackData(message.id, message.attempt)))
    }
  }
  return {
    kind: 'sandbox',
    capabilities: ({ settings }) => (personaOf(settings) === 'cloud' ? cloud : own),
    async send(channel, message, options) {
      numbers.meet(channel)
      await refound(channel, message.to)
      const verdict = await deliver({ network, book, numbers }, channel, message, options)
      return 'verdict' in verdict ? toOutcome(words, verdict.verdict, message.attempt) : verdict.outcome
    },
    test: async ({ number, settings }) => ({ ok: true, facts: { simulated: true, persona: personaOf(settings), number } }),
    groups: openGroupRoad(network.groups, book),
    newsletters: openNewsletterRoad(network.groups),
    async showTyping({ number }, to, forMs) {
      network.showTyping(number, to, forMs)
    },
    async markRead({ number }, { messages }) {
      for (const { wireId } of messages) network.markRead(number, wireId)
    },
    async lookUp(_, phone) {
      const found = network.isOnWhatsApp(phone) ? network.phone(phone) : undefined
      return { onWhatsApp: found !== undefined, pictureUrl: found && pictureOf(found) }
    },
    async pin({ number }, { to, wireId, seconds }) {
      network.showPin(number, to, { wireId, seconds })
    },
    async edit({ number }, { to, wireId, content }) {
      network.amend(number, to, { type: 'edit', wireId, content })
    },
    async revoke({ number }, { to, wireId }) {
      network.amend(number, to, { type: 'revoke', wireId })
    },
    async fetchMedia(_, { id }) {
      const file = id === undefined ? undefined : network.files.get(id)
      if (!file) throw new DomainError('not_found', 'The simulated network does not hold this file any more')
      return { bytes: file.bytes, mimeType: file.mimeType }
    },
    async open(inbox, log) {
      const told = openInboxQueue({ inbox, log, channelOf: numbers.channelOf })
      queue = told
      deaf = hearNetwork(network, words, told)
      // nobody waits for old receipts: the house may open meanwhile
      recovering = recover().catch((error: unknown) => log.warn({ error }, 'receipts of before the restart will not come'))
    },
    async close() {
      closed = true
      await recovering
      for (const stop of deaf.splice(0)) stop()
      await queue?.drain()
    },
  }
}

/** All that the network tells goes into the queue; the answers end it. */
const hearNetwork = (network: SandboxNetwork, words: GraphWords, queue: InboxQueue): (() => void)[] => [
  network.on('receipt', (receipt) => void queue.put({ business: receipt.business, receipts: [toReceipt(words, receipt)] })),
  network.on('message', (message) => void queue.put({ business: message.business, messages: [toInboundMessage(message)] })),
  network.on('group', async (act) => {
    await queue.put({ business: act.business, groupChanges: [toGroupChange(act)] })
    act.group.untold--
  }),
]

type Ways = Pick<SandboxOptions, 'network' | 'book'> & { numbers: Numbers }

async function deliver(
  { network, book, numbers }: Ways,
  channel: TransportChannel,
  message: Outgoing,
  options: SendOptions,
): Promise<{ verdict: SandboxVerdict } | { outcome: Outcome }> {
  if (message.content.type === 'reaction' && message.targetWireId === undefined)
    return { outcome: { kind: 'rejected', code: 'unsupported', reason: 'The message reacted to never reached the network' } }
  const content = await withFile(network, channel.number, message.content, message.media)
  const travelling: SandboxMessage = {
    content,
    wireId: message.wireId,
    contextWireId: message.targetWireId,
    callbackData: message.callbackData,
  }
  if (options.signal.aborted || !options.mayWrite())
    return { outcome: { kind: 'retry', code: 'not_started', reason: 'too late for its claim', slow: 'none', afterMs: 0 } }
  const verdict = network.deliver(channel.number, message.to, travelling)
  const windowClosed = verdict.kind === 'refused' && verdict.refusal.word === 'window_closed'
  if (!windowClosed || !(await book.isWindowOpen(channel.id, message.to))) return { verdict }
  // the phones forgot, with the process they lived in, that this person wrote
  return { verdict: numbers.unlimited(channel.number, () => network.deliver(channel.number, message.to, travelling)) }
}

type Numbers = ReturnType<typeof openNumbers>

/** Which channel a number is, and that the network treats it as its persona is treated. */
function openNumbers(network: SandboxNetwork, book: SandboxBook) {
  const channels = new Map<string, { id: string; isCloud: boolean }>()
  const limit = (number: string, isLimited: boolean) => network.business(number, { enforceWindow: isLimited, pairLimit: isLimited })
  return {
    meet({ id, number, settings }: TransportChannel) {
      if (channels.get(number)?.id === id) return
      if (channels.size >= NUMBERS_MOST) channels.clear()
      const isCloud = personaOf(settings) === 'cloud'
      channels.set(number, { id, isCloud })
      limit(number, isCloud)
    },
    /** Does something at once for which the number's window and pair limit do not count. */
    unlimited<Result>(number: string, act: () => Result): Result {
      limit(number, false)
      try {
        return act()
      } finally {
        limit(number, channels.get(number)?.isCloud ?? false)
      }
    },
    channelOf: async (number: string) => channels.get(number)?.id ?? (await book.channelOf(number)),
  }
}

/** It was let through when it was sent: a number that throttles is asked until it has had enough. */
function replay(network: SandboxNetwork, message: UnreadSandboxMessage, callbackData: string): void {
  const { number, address, content, wireId, targetWireId, state } = message
  if (state === 'delivered' && WRITES_BY_ITSELF.test(address)) return
  const contextWireId = targetWireId ?? undefined
  for (let deliveries = 0; deliveries < DELIVERIES_MOST; deliveries++) {
    if (network.deliver(number, address, { content, wireId, contextWireId, callbackData }).kind !== 'refused') return
  }
}
