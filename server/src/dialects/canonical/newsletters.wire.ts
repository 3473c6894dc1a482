import { z } from 'zod'
import { type Newsletter, NewsletterDescription, NewsletterName } from '#core/newsletters'
import { Id, ShownId, showId } from './ids.wire.ts'
import { ListOf, Paging, ShownTime, showTime } from './lists.wire.ts'

export const NewsletterQuery = z.strictObject({ ...Paging, search: z.string().min(1).max(128).optional().describe('Part of the name') })
export const NewNewsletter = z
  .strictObject({
    channelId: Id('cha').optional().describe('An own number; by default the first one'),
    name: NewsletterName,
    description: NewsletterDescription.optional(),
  })
  .meta({ example: { name: 'Shop news', description: 'What is new on Mondays' } })

export const ShownNewsletter = z.object({
  id: ShownId('nwl'),
  channelId: ShownId('cha'),
  address: z.string().describe('Its WhatsApp id: the `to` of posts'),
  name: z.string(),
  description: z.string().nullable(),
  subscribers: z.int().nullable(),
  invite: z.string().nullable().describe('The last part of its link'),
  verified: z.boolean().nullable(),
  foundedAt: ShownTime.nullable(),
  createdAt: ShownTime,
})
export const NewsletterList = ListOf(ShownNewsletter)

export const showNewsletter = (newsletter: Newsletter) => ({
  id: showId('nwl', newsletter.id),
  channelId: showId('cha', newsletter.channelId),
  address: newsletter.address,
  name: newsletter.name,
  description: newsletter.description ?? null,
  subscribers: newsletter.subscribers ?? null,
  invite: newsletter.invite ?? null,
  verified: newsletter.verified ?? null,
  foundedAt: showTime(newsletter.foundedAt),
  createdAt: showTime(newsletter.createdAt),
})
