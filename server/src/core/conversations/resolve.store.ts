import { all, type Db, run, sql } from '#kit/db'

/** A channel and an address on it: at most one conversation. */
export type Spot = { channelId: string; address: string }
export type Found = Spot & { id: string; contactId: string | undefined }

type FoundRow = { id: string; channel_id: string; address: string; contact_id: string | null }

const toFound = (row: FoundRow): Found => ({
  id: row.id,
  channelId: row.channel_id,
  address: row.address,
  contactId: row.contact_id ?? undefined,
})

export async function selectSpots(db: Db, spots: readonly Spot[]): Promise<Found[]> {
  const rows = await all(
    db,
    // lateral with a limit: one look into the index for each, whatever the planner thinks of the channel's size
    sql<FoundRow>`select c.id, s.channel_id, s.address, c.contact_id
      from unnest(${spots.map(({ channelId }) => channelId)}::uuid[], ${spots.map(({ address }) => address)}::text[]) as s(channel_id, address)
      cross join lateral (select id, contact_id from conversations where channel_id = s.channel_id and address = s.address limit 1) c`,
  )
  return rows.map(toFound)
}

/** The conversation with each person's number on a channel; of several the latest. */
export async function selectThreads(db: Db, people: readonly { channelId: string; contactId: string }[]): Promise<Found[]> {
  const rows = await all(
    db,
    sql<FoundRow>`select c.* from unnest(${people.map(({ channelId }) => channelId)}::uuid[], ${people.map(({ contactId }) => contactId)}::uuid[]) as p(channel_id, contact_id)
      cross join lateral (
        select id, channel_id, address, contact_id from conversations
        where contact_id = p.contact_id and channel_id = p.channel_id and address like '+%' order by last_message_at desc limit 1
      ) c`,
  )
  return rows.map(toFound)
}

/** When somebody last wrote at each spot, in the same order; undefined: never, or nobody is there. */
export async function selectLastInbounds(db: Db, spots: readonly Spot[]): Promise<(Date | undefined)[]> {
  const rows = await all(
    db,
    sql<{ last_inbound_at: Date | null }>`select c.last_inbound_at
      from unnest(${spots.map(({ channelId }) => channelId)}::uuid[], ${spots.map(({ address }) => address)}::text[]) with ordinality as s(channel_id, address, place)
      left join lateral (select last_inbound_at from conversations where channel_id = s.channel_id and address = s.address limit 1) c on true order by s.place`,
  )
  return rows.map((row) => row.last_inbound_at ?? undefined)
}

export type NewConversation = Spot & { id: string; workspaceId: string; contactId: string | undefined }

/** Writes conversations in the order of their spots, so that two writers never wait in a circle; one that somebody else has just made is left out of the answer. */
export async function insertConversations(db: Db, conversations: readonly NewConversation[]): Promise<Found[]> {
  const rows = await all(
    db,
    sql<FoundRow>`insert into conversations (id, workspace_id, channel_id, contact_id, address, last_message_at, created_at)
      select n.id, n.workspace_id, n.channel_id, n.contact_id, n.address, t.at, t.at
      from unnest(${conversations.map(({ id }) => id)}::uuid[], ${conversations.map(({ workspaceId }) => workspaceId)}::uuid[],
        ${conversations.map(({ channelId }) => channelId)}::uuid[], ${conversations.map(({ contactId }) => contactId ?? null)}::uuid[],
        ${conversations.map(({ address }) => address)}::text[]) as n(id, workspace_id, channel_id, contact_id, address), (select chasqui_now() as at) t
      order by n.channel_id, n.address
      on conflict do nothing returning id, channel_id, address, contact_id`,
  )
  return rows.map(toFound)
}

/** Gives a contact to conversations that have none. */
export async function fillContacts(db: Db, filled: readonly { id: string; contactId: string }[]): Promise<void> {
  await run(
    db,
    sql`with given as (select * from unnest(${filled.map(({ id }) => id)}::uuid[], ${filled.map(({ contactId }) => contactId)}::uuid[]) as g(id, contact_id)),
      locked as (
        select g.* from (select * from given order by id) g
        cross join lateral (select 1 from conversations where id = g.id and contact_id is null limit 1 for update) c
      )
      update conversations c set contact_id = l.contact_id from locked l where c.id = l.id`,
  )
}
