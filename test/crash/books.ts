import { type DatabaseAddress, openClient } from '../../server/src/kit/db.ts'

/** Asks the database past the house; opened anew for each look, since the database may be killed too. */
export interface Rows {
  ask<Row>(text: string, values?: unknown[]): Promise<Row[]>
  /** Takes a lock and keeps it until the answer is called. */
  hold(lock: string): Promise<() => Promise<void>>
}

export const openRows = (address: () => DatabaseAddress): Rows => ({
  async ask<Row>(text: string, values: unknown[] = []) {
    const client = openClient(address())
    client.on('error', () => undefined) // the query fails too, and says so
    try {
      await client.connect()
      return (await client.query(text, values)).rows as Row[] // each caller names the columns that it asks for
    } finally {
      await client.end().catch(() => undefined)
    }
  },
  async hold(lock) {
    const client = openClient(address())
    client.on('error', () => undefined)
    await client.connect()
    await client.query('begin')
    await client.query(lock)
    return () => client.end()
  },
})

export type MessageRow = {
  id: string
  tag: string
  state: string
  code: string | null
  on_unknown: string
  address: string
  attempt: number
  /** Sends repeated after an unknown outcome, as its events tell. */
  again: number
}
export type EventRow = { seq: number; id: string; type: string; message_id: string | null; again: boolean }

export type Books = {
  messages: MessageRow[]
  /** Texts of inbound messages. */
  inbound: string[]
  /** Of the workspace, by number. */
  events: EventRow[]
  /** Rows left in the outbox. */
  work: number
  unparsed: number
  rejects: number
  unread: number
}

const MESSAGES = `select id, tag, state, code, on_unknown, address, attempt from messages where direction = 'out' order by id`
const INBOUND = `select content ->> 'text' as text from messages where direction = 'in'`
const EVENTS = `select seq, id, type, subjects ->> 'messageId' as message_id, coalesce((facts ->> 'again')::boolean, false) as again from events
  where workspace_id = (select workspace_id from endpoints limit 1) order by seq`
const COUNTS = `select (select count(*) from outbox) as work, (select count(*) from inbound_events where parsed_at is null) as unparsed,
  (select count(*) from inbound_rejects) as rejects, (select coalesce(sum(unread), 0)::bigint from conversations) as unread`

export async function readBooks(rows: Rows): Promise<Books> {
  const events = await rows.ask<EventRow>(EVENTS)
  const again = new Map<string, number>()
  for (const event of events) if (event.again && event.message_id) again.set(event.message_id, (again.get(event.message_id) ?? 0) + 1)
  const messages = await rows.ask<MessageRow>(MESSAGES)
  const [counts] = await rows.ask<Pick<Books, 'work' | 'unparsed' | 'rejects' | 'unread'>>(COUNTS)
  if (!counts) throw new Error('the counts gave no row')
  return {
    messages: messages.map((row) => ({ ...row, again: again.get(row.id) ?? 0 })),
    inbound: (await rows.ask<{ text: string }>(INBOUND)).map(({ text }) => text),
    events,
    ...counts,
  }
}

export type Unfinished = {
  outbox: number
  sending: number
  unparsed: number /** Receipts that have not found their message. */
  strays: number
  untold: number
}

/** What is begun and not done: the proof that a kill met work, and the sign that all is over. */
export async function readUnfinished(rows: Rows): Promise<Unfinished> {
  const [row] = await rows.ask<Unfinished>(
    `select (select count(*) from outbox) as outbox, (select count(*) from messages where state = 'sending') as sending,
      (select count(*) from inbound_events where parsed_at is null) as unparsed, (select count(*) from stray_receipts) as strays,
      (select coalesce(max(c.seq - e.cursor_seq), 0)::bigint from endpoints e join workspace_counters c on c.workspace_id = e.workspace_id) as untold`,
  )
  if (!row) throw new Error('the counts gave no row')
  return row
}
