import { createAudience, listMembers } from '#core/audiences'
import { createCampaign } from '#core/campaigns'
import { createChannel } from '#core/channels'
import { createContact } from '#core/contacts'
import { createGroup } from '#core/groups'
import { storeMedia } from '#core/media'
import { sendMessage } from '#core/messages'
import { createNewsletter } from '#core/newsletters'
import { createRecurrence } from '#core/recurrences'
import { setFault } from '#core/simulators'
import { createEndpoint } from '#core/webhooks'
import { all, inTransaction, sql } from '#kit/db'
import { newId, typeId } from '#kit/ids'
import type { TestDatabase } from '../database.ts'
import type { Tenant } from './doors.ts'

export type Things = Awaited<ReturnType<typeof thingsOf>>

/** The person with whom every tenant has a message, so that an id alone decides whose it is. */
export const PERSON = '+14155550123'
const CHAT = '14155550123@c.us'

/** One of each thing that a request can name, ids as the doors show them. `friend`: to whom nobody else writes. */
export async function thingsOf({ database: { db } }: TestDatabase, { ctx, own, cloud, workspace }: Tenant, friend = '+14155550125') {
  const media = await storeMedia(ctx, { bytes: Buffer.from('%PDF-1.4 '), filename: 'a.pdf', source: 'upload' })
  const { message } = await sendMessage(ctx, { to: PERSON, channelId: own.id, content: { type: 'document', mediaId: media.id } })
  await sendMessage(ctx, { to: friend, channelId: own.id, content: { type: 'text', text: 'between us' } })
  const wireId = `3EB0${message.id.replaceAll('-', '').toUpperCase()}`
  const contact = await createContact(ctx, { phone: '+14155550188' })
  const audience = await createAudience(ctx, { name: 'everybody', members: [{ to: PERSON }] })
  const recurrence = await createRecurrence(ctx, {
    rule: 'FREQ=DAILY',
    startsAt: '2031-05-05T09:30:00',
    timeZone: 'UTC',
    message: { to: PERSON, channelId: own.id, content: { type: 'text', text: 'again' } },
  })
  const [member] = (await listMembers(ctx, { audienceId: audience.id })).rows
  const campaign = await createCampaign(ctx, {
    name: 'spring',
    audienceId: audience.id,
    channelId: own.id,
    content: { type: 'text', text: 'hi' },
    startAt: new Date(Date.now() + 3_600_000),
  })
  const { group } = await createGroup(ctx, { name: 'Team', participants: [PERSON, '+14155550124'] })
  const newsletter = await createNewsletter(ctx, { name: 'News' })
  const { endpoint } = await createEndpoint(ctx, { url: 'https://example.com/hook', events: ['*'] })
  const { endpoint: older } = await createEndpoint(ctx, {
    url: 'https://example.com/blueticks',
    events: ['message.read'],
    style: 'blueticks-co',
  })
  const [key] = await all(db, sql<{ id: string }>`select id from keys where workspace_id = ${workspace.id}`)
  const delivery = newId()
  const later = new Date(Date.now() + 3_600_000)
  const { message: waiting } = await sendMessage(ctx, {
    to: PERSON,
    channelId: own.id,
    sendAt: later,
    content: { type: 'text', text: 'later' },
  })
  const { message: inCloud } = await sendMessage(ctx, {
    to: PERSON,
    channelId: cloud.id,
    sendAt: later,
    content: { type: 'text', text: 'later' },
    outsideWindow: 'attempt',
  })
  await inTransaction(db, {}, async (tx) => {
    await sql`insert into deliveries (workspace_id, id, attempt, endpoint_id, url, style, event_id, event_seq, event_type, succeeded, at)
      values (${workspace.id}, ${delivery}, 1, ${endpoint.id}, 'https://example.com/hook', 'canonical', ${delivery}, 1, 'message.sent', false, now())`.execute(
      tx,
    )
    await sql`update messages set wire_id = ${wireId}, state = 'sent' where workspace_id = ${workspace.id} and id = ${message.id}`.execute(
      tx,
    )
    await sql`insert into wire_ids (workspace_id, channel_id, wire_id, message_id) values (${workspace.id}, ${own.id}, ${wireId}, ${message.id})`.execute(
      tx,
    )
  })
  // such a number belongs to a live workspace; what is asked here is only whose it is
  const web = await createChannel({ ...ctx, actor: { ...ctx.actor, environment: 'live' } }, { kind: 'web', name: 'Shop' })
  const fault = await setFault(ctx, { kind: 'delay', ms: 1 })
  const bubble = ctx.ports.simulator.reply(PERSON, own.phone, { content: { type: 'text', text: 'hi' } })
  return {
    message: typeId('msg', message.id),
    waiting: typeId('msg', waiting.id),
    cloudChannel: typeId('cha', cloud.id),
    cloudWaiting: typeId('msg', inCloud.id),
    cloudConversation: typeId('cnv', inCloud.conversationId),
    messageKey: `true_${CHAT}_${wireId}`,
    bareKey: wireId,
    chat: `${friend.slice(1)}@c.us`,
    conversation: typeId('cnv', message.conversationId),
    contact: typeId('con', contact.id),
    recurrence: typeId('rec', recurrence.id),
    audience: typeId('aud', audience.id),
    campaign: typeId('cmp', campaign.id),
    member: typeId('mem', member?.id ?? ''),
    group: typeId('grp', group.id),
    groupAddress: group.address,
    newsletter: typeId('nwl', newsletter.id),
    newsletterAddress: newsletter.address,
    channel: typeId('cha', own.id),
    webChannel: typeId('cha', web.id),
    number: own.phone,
    endpoint: typeId('whk', endpoint.id),
    blueticksEndpoint: typeId('wh', older.id),
    media: typeId('med', media.id),
    delivery: typeId('dlv', delivery),
    key: typeId('key', key?.id ?? ''),
    fault: fault.id,
    bubble,
  }
}

const TABLES = [
  'messages',
  'wire_ids',
  'contacts',
  'contact_identities',
  'conversations',
  'audiences',
  'audience_members',
  'campaigns',
  'campaign_recipients',
  'message_pins',
  'channels',
  'channel_links',
  'owners',
  'endpoints',
  'media',
  'keys',
  'outbox',
  'buckets',
  'cold_paces',
  'events',
  'deliveries',
  'recurrences',
  'occurrence_changes',
  'groups',
  'group_participants',
  'group_changes',
  'newsletters',
]

/** Everything that a workspace has, as one text to compare. */
export async function allRowsOf({ database: { db } }: TestDatabase, workspaceId: string): Promise<string> {
  const rows = await Promise.all(
    TABLES.map((table) =>
      all(
        db,
        sql<{
          rows: string
        }>`select coalesce(jsonb_agg(to_jsonb(t) - 'last_used_at' order by to_jsonb(t)::text), '[]')::text as rows from ${sql.table(table)} t where workspace_id = ${workspaceId}`,
      ),
    ),
  )
  return rows
    .flat()
    .map((row) => row.rows)
    .join('\n')
}
