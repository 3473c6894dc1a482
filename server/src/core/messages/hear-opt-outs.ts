import { noteOptOuts, type OptOutWords, readOptOutWord } from '#core/contacts'
import { LATE_DEFAULT } from '#core/workspaces'
import type { RaisedEvent } from '#kit/context'
import type { Db } from '#kit/db'
import { newId } from '#kit/ids'
import { insertAccepted } from './accept.store.ts'
import { acceptedEvent } from './accepted-event.ts'
import { conversationsWithMarketing } from './hear-opt-outs.store.ts'
import type { HeardRow } from './heard.ts'
import type { NewMessage } from './new-message.ts'

/** How a channel hears STOP and START. */
export type OptOutRules = {
  words: OptOutWords
  /** On an own number a friend's "cancel" is no opt-out: only who got marketing is heard. */
  afterMarketingOnly: boolean
  /** Where the answer is put. */
  queueId: number
  now: Date
}

type Channel = { workspaceId: string; id: string }
/** The owner's own words on the phone are no answer to us. */
type FromPerson = HeardRow & { direction: 'in'; contactId: string }
type Said = { row: FromPerson; word: 'stop' | 'start' }

/** Whoever wrote nothing but a word for "no more" or "again": it is noted, told and answered, once. The answers are of the same commit as what was heard. */
export async function hearOptOuts(
  db: Db,
  channel: Channel,
  rows: readonly HeardRow[],
  rules: OptOutRules,
): Promise<{ raised: RaisedEvent[]; answers: NewMessage[] }> {
  const said = await whoMeansIt(db, channel, rows, rules)
  if (said.length === 0) return { raised: [], answers: [] }
  const raised: RaisedEvent[] = []
  const answers: NewMessage[] = []
  for (const word of ['stop', 'start'] as const) {
    const meant = new Map(said.flatMap((one) => (one.word === word ? [[one.row.contactId, one.row]] : [])))
    const isNew = await noteOptOuts(db, channel.workspaceId, [...meant.keys()], word === 'stop')
    const reply = word === 'stop' ? rules.words.stopReply : rules.words.startReply
    for (const contactId of isNew) {
      raised.push(eventOf(channel, word === 'stop' ? 'contact.opted_out' : 'contact.opted_in', contactId))
      const row = meant.get(contactId)
      if (row && reply !== null) answers.push(answerTo(channel, row, reply, rules))
    }
  }
  await insertAccepted(db, answers)
  return { raised: [...raised, ...answers.map(acceptedEvent)], answers }
}

/** The last word of each; what is said in a group is said to others. */
async function whoMeansIt(
  db: Db,
  channel: Channel,
  rows: readonly HeardRow[],
  { words, afterMarketingOnly }: OptOutRules,
): Promise<Said[]> {
  const last = new Map<string, Said>()
  for (const row of rows.filter(isFromPerson)) {
    const text = wordsOf(row)
    const word = text === undefined ? undefined : readOptOutWord(text, words)
    if (word) last.set(row.contactId, { row, word })
  }
  const said = [...last.values()]
  const stopping = said.filter(({ word }) => word === 'stop').map(({ row }) => row.conversationId)
  if (!afterMarketingOnly || stopping.length === 0) return said
  const marketed = await conversationsWithMarketing(db, channel.workspaceId, stopping)
  return said.filter(({ row, word }) => word === 'start' || marketed.has(row.conversationId))
}

const isFromPerson = (row: HeardRow): row is FromPerson => row.direction === 'in' && row.contactId !== undefined

const IN_GROUP = /@g\.us$/

function wordsOf({ content, address }: HeardRow): string | undefined {
  if (IN_GROUP.test(address)) return undefined
  if (content.type === 'text') return content.text
  return content.type === 'reply' ? content.title : undefined
}

const eventOf = ({ workspaceId }: Channel, type: string, contactId: string): RaisedEvent => ({
  id: newId(),
  workspaceId,
  type,
  subjects: { contactId },
  facts: {},
})

const answerTo = ({ workspaceId, id }: Channel, row: HeardRow, text: string, { queueId, now }: OptOutRules): NewMessage => ({
  id: newId(),
  workspaceId,
  channelId: id,
  conversationId: row.conversationId,
  contactId: row.contactId,
  queueId,
  lane: 0,
  address: row.address,
  content: JSON.stringify({ type: 'text', text }),
  sendAt: undefined,
  createdAt: now,
  awaited: false,
  options: JSON.stringify({
    category: 'service',
    late_seconds: LATE_DEFAULT.afterSeconds,
    late_action: LATE_DEFAULT.action,
    on_unknown: 'fail',
    outside_window: 'attempt',
    origin: 'automatic',
  }),
  callback: undefined,
})
