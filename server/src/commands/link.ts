import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, type CommandInput, wrongCall } from './command.ts'
import { findHouse, HOUSE_OPTIONS, type HouseClient, isAway, isConflict, openHouseClient } from './house-client.ts'
import { openLinkScreen } from './link-screen.ts'

const LOOK_GAP_MS = 1_000

export const link: Command = {
  name: 'link',
  usage: 'link [channel id or name] [--phone +1…] [--url U] [--key K]',
  does: 'Link your own WhatsApp number: shows the QR, or letters to type on the phone with --phone; Ctrl-C to leave',
  options: { ...HOUSE_OPTIONS, phone: { type: 'string' } },
  async run(input) {
    const [wanted] = input.positionals
    const ask = openHouseClient(findHouse(input, 'live'))
    const channel = await findOrMake(ask, wanted)
    if (channel.state === 'open') return console.log(`${channel.name} is linked already: ${channel.phone}.`)
    process.once('SIGINT', () => {
      console.log('\nLeft. What was begun goes on for some minutes; run the command again to see it.')
      process.exit(0)
    })
    const phone = phoneOf(input)
    if (channel.state === 'closed') await begin(ask, channel, phone)
    await follow(ask, channel, phone)
  },
}

/** As GET /v2/channels/{id} and …/qr show them, as far as it matters here. */
type Channel = { id: string; kind: string; name: string; phone: string | null; state: string }
type Link = {
  state: string
  advice: { meaning: string; action: string } | null
  reopensAt: string | null
  qr: { text: string } | null
  pairingCode: { code: string; until: string | null } | null
}

/** What is linked still is taken up again; only where nothing is left a new link is asked for. */
async function begin(ask: HouseClient, { id }: Channel, phone: string | undefined): Promise<void> {
  try {
    await ask(`/channels/${id}/reload`, {})
  } catch (error) {
    if (!isConflict(error)) throw error
    await (phone === undefined ? ask(`/channels/${id}/relink`, {}) : ask(`/channels/${id}/pairing-code`, { phone }))
  }
}

// our own API says what it shows
const read = async <Shown>(answer: Promise<Response>): Promise<Shown> => (await (await answer).json()) as Shown

function phoneOf({ values }: CommandInput): string | undefined {
  if (values.phone === '') throw wrongCall(link, 'Say the number of the phone, for example --phone +14155550123.')
  return typeof values.phone === 'string' ? values.phone : undefined
}

async function findOrMake(ask: HouseClient, wanted: string | undefined): Promise<Channel> {
  const own = (await allChannels(ask)).filter(({ kind }) => kind === 'web')
  const isNamed = ({ id, name }: Channel) => wanted === undefined || id === wanted || name.toLowerCase() === wanted.toLowerCase()
  const [found, ...others] = own.filter(isNamed)
  if (others.length > 0)
    throw wrongCall(link, `Say which one:\n${own.map(({ id, name, phone }) => `  ${id}  ${name}  ${phone ?? 'not linked'}`).join('\n')}`)
  if (found) return found
  if (wanted?.startsWith('cha_')) throw new Error(`There is no own number with the id ${wanted} in this workspace.`)
  const made = await read<Channel>(ask('/channels', { kind: 'web', name: wanted ?? 'Own number' }))
  console.log(`Made the channel ${made.name} (${made.id}).`)
  return made
}

async function allChannels(ask: HouseClient): Promise<Channel[]> {
  const channels: Channel[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { data: Channel[]; nextCursor: string | null } = await read(ask(`/channels?limit=200${cursor && `&cursor=${cursor}`}`))
    channels.push(...page.data)
    cursor = page.nextCursor
  }
  return channels
}

/** Shows what there is to scan or type until the number is linked or the linking is over; a house that is away is waited for. */
async function follow(ask: HouseClient, channel: Channel, phone: string | undefined): Promise<void> {
  const screen = openLinkScreen(channel.name)
  const path = `/channels/${channel.id}`
  const isNew = channel.phone === null
  for (; ; await sleep(LOOK_GAP_MS)) {
    try {
      const now = await look(ask, path, { phone, isNew })
      if (now.state === 'open') {
        const { name, phone: number } = await read<Channel>(ask(path))
        return screen.linked(name, number ?? '')
      }
      if (now.state === 'degraded') return screen.troubled(now.advice)
      if (now.state === 'closed' && now.reopensAt === null) return screen.over(now.advice)
      if (now.state === 'closed') screen.resting(now.advice)
      else if (phone === undefined) await screen.qr(now.qr?.text)
      else screen.letters(now.pairingCode ?? undefined)
    } catch (error) {
      if (!isAway(error)) throw error
      screen.away()
    }
  }
}

/** Letters are asked for once, and anew when they have become too old; not for a number that is linked and only connects. */
async function look(ask: HouseClient, path: string, { phone, isNew }: { phone: string | undefined; isNew: boolean }): Promise<Link> {
  const now = await read<Link>(ask(`${path}/qr`))
  const isLinking = now.state === 'awaiting_scan' || (isNew && now.state === 'connecting')
  return phone !== undefined && isLinking && now.pairingCode === null ? read(ask(`${path}/pairing-code`, { phone })) : now
}
