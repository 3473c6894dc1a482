import { loadCampaigns } from '#core/campaigns'
import { findContacts } from '#core/contacts'
import type { Event } from '#core/events'
import { findMessages } from '#core/messages'
import type { Db } from '#kit/db'
import { showCampaign } from './campaigns.wire.ts'
import { showContact } from './contacts.wire.ts'
import { showEvent } from './events.wire.ts'
import { showMessage } from './messages.wire.ts'

export type ShownEvents = Map<number, ReturnType<typeof showEvent>>

/** Events with what they are about, by seq: one question for each noun, whatever the number of events. What was erased is not there any more. */
export async function joinEvents(db: Db, workspaceId: string, events: readonly Event[]): Promise<ShownEvents> {
  const messages = await byId(idsOf(events, 'message.', 'messageId'), (ids) => findMessages(db, workspaceId, ids))
  const contacts = await byId(idsOf(events, 'contact.', 'contactId'), (ids) => findContacts(db, workspaceId, ids))
  const campaigns = await byId(idsOf(events, 'campaign.', 'campaignId'), (ids) => loadCampaigns(db, workspaceId, ids))
  return new Map(
    events.map((event) => {
      const campaign = event.type.startsWith('campaign.') ? campaigns.get(event.subjects.campaignId ?? '') : undefined
      const message = event.type.startsWith('message.') ? messages.get(event.subjects.messageId ?? '') : undefined
      const contact = event.type.startsWith('contact.') ? contacts.get(event.subjects.contactId ?? '') : undefined
      return [
        event.seq,
        showEvent(event, {
          ...(message && { message: showMessage(message, event.at) }),
          ...(campaign && { campaign: showCampaign(campaign) }),
          ...(contact && { contact: showContact(contact) }),
        }),
      ]
    }),
  )
}

function idsOf(events: readonly Event[], family: string, subject: string): string[] {
  const ids = new Set<string>()
  for (const { type, subjects } of events) {
    const id = subjects[subject]
    if (id !== undefined && type.startsWith(family)) ids.add(id)
  }
  return [...ids]
}

async function byId<Row extends { id: string }>(ids: string[], find: (ids: string[]) => Promise<Row[]>): Promise<Map<string, Row>> {
  if (ids.length === 0) return new Map()
  return new Map((await find(ids)).map((row) => [row.id, row]))
}
