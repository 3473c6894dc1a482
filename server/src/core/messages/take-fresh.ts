import { addressesOf, identitiesOf } from '#core/contacts'
import type { InboundMessage } from '#core/transport'
import { sha256 } from '#kit/crypto'
import type { Db } from '#kit/db'
import type { Heard } from './heard.ts'
import { addressOf } from './place-heard.ts'
import { findEchoes, findHolders, findUnderWay, giveWireIds, type Holder, takeWireIds } from './receive-messages.store.ts'

type Channel = { workspaceId: string; id: string }

/**
 * Those that were not there, each once; what we sent ourselves is told apart by its wire id. The writer's phone chooses that id: the first
 * message that bears it goes by it, others that bear it too go by it and their writer, and are no repeats.
 */
export async function takeFresh(db: Db, channel: Channel, heard: readonly Heard[]): Promise<{ fresh: Heard[]; echoes: InboundMessage[] }> {
  const unique = eachOnce(heard)
  if (unique.length === 0) return { fresh: [], echoes: [] }
  const { plain, others } = await takeThePlain(db, channel, unique)
  const mine = [...plain, ...others].filter(({ message }) => message.own).map(({ message }) => message)
  const known = await findEchoes(
    db,
    channel,
    mine.map((message) => ({ wireId: message.wireId, address: addressOf(message) })),
  )
  if (known.size > 0) await giveWireIds(db, channel, known)
  const isEcho = ({ wireId, own }: InboundMessage) => own !== undefined && known.has(wireId)
  const wide = others.filter(({ message }) => !isEcho(message)).map(({ message, id }) => ({ wireId: widened(message), messageId: id }))
  const taken = wide.length > 0 ? await takeWireIds(db, channel, wide) : new Set<string>()
  for (const { message, id } of plain) if (!isEcho(message)) taken.add(id)
  return { fresh: unique.filter(({ id }) => taken.has(id)), echoes: mine.filter(isEcho) }
}

/** `plain`: they go by their wire id alone; `others`: they are new too, but somebody else's message goes by it. */
async function takeThePlain(db: Db, channel: Channel, unique: readonly Heard[]): Promise<{ plain: Heard[]; others: Heard[] }> {
  const strangers = unique.filter(({ message }) => !message.own)
  const underWay = await findUnderWay(
    db,
    channel,
    strangers.map(({ message }) => ({ wireId: message.wireId, address: addressOf(message) })),
  )
  const free = unique.filter(({ message }) => message.own !== undefined || !underWay.has(message.wireId))
  const first = [...Map.groupBy(free, ({ message }) => message.wireId).values()].flatMap(([one]) => one ?? [])
  const taken = await takeWireIds(
    db,
    channel,
    first.map(({ message, id }) => ({ wireId: message.wireId, messageId: id })),
  )
  const plain = first.filter(({ id }) => taken.has(id))
  const rest = unique.filter(({ id }) => !taken.has(id))
  const holders = await holdersOf(db, channel, rest)
  const here = new Set(plain.map(({ message }) => message.wireId))
  const others = rest.filter(({ message: said }) => {
    const holder = holders.get(said.wireId)
    // whoever takes an id here is another one, or it were a repeat; one whose message is gone was there
    return here.has(said.wireId) || (holder ? !isSame(markOf(said), markOfHolder(holder)) : underWay.has(said.wireId))
  })
  return { plain, others }
}

async function holdersOf(db: Db, channel: Channel, rest: readonly Heard[]): Promise<Map<string, Holder>> {
  const wireIds = [...new Set(rest.map(({ message }) => message.wireId))]
  return wireIds.length > 0 ? await findHolders(db, channel, wireIds) : new Map()
}

/** Who said it where. */
type Mark = { own: boolean; group: string | undefined; names: ReadonlySet<string> }

const namesOf = (from: InboundMessage['from']) => new Set([...addressesOf(from), ...identitiesOf(from).map(({ value }) => value)])
const markOf = ({ own, group, from }: InboundMessage): Mark => ({ own: own !== undefined, group, names: namesOf(from) })
const markOfHolder = ({ direction, address, names }: Holder): Mark => ({
  own: direction === 'out',
  group: address.endsWith('@g.us') ? address : undefined,
  names: new Set([address, ...names]),
})

/** Of two that bear one id. Ids of our own come from our own devices; somebody may be called otherwise from one time to the next. */
const isSame = (one: Mark, other: Mark): boolean =>
  one.own === other.own &&
  (one.own || (one.group === other.group && (one.names.size === 0 || [...one.names].some((name) => other.names.has(name)))))

/** The first of each. */
function eachOnce(heard: readonly Heard[]): Heard[] {
  const met = new Map<string, Mark[]>()
  const isFirst = ({ message }: Heard) => {
    const mark = markOf(message)
    const marks = met.get(message.wireId) ?? []
    if (marks.some((other) => isSame(mark, other))) return false
    met.set(message.wireId, [...marks, mark])
    return true
  }
  return heard.filter(isFirst)
}

/** No network's id has a space in it. */
const widened = ({ wireId, group, from, own }: InboundMessage): string =>
  `${wireId} ${sha256(`${group ?? ''} ${own ? 'own' : (addressesOf(from)[0] ?? '')}`)
    .toString('hex')
    .slice(0, 32)}`
