import { z } from 'zod'
import { type Newsletter, NewsletterDescription, NewsletterName } from '#core/newsletters'
import { Words } from './groups.wire.ts'
import { showTime } from './message-parts.wire.ts'
import { Paging } from './paging.wire.ts'
import { searchBy, Truth } from './search-words.wire.ts'

const NEWSLETTER_ID = /^\d+@newsletter$/

export const NewsletterPath = z.object({
  id: z
    .string()
    .max(128)
    .regex(NEWSLETTER_ID, 'must be a newsletter id')
    .meta({ examples: ['120363012345678901@newsletter'] }),
})
export const NewsletterQuery = z.object({ ...Paging, ...searchBy(Words(128), 'Part of the name'), includeArchive: Truth.optional() })
export const NewNewsletter = z
  .strictObject({ name: NewsletterName, description: NewsletterDescription.optional() })
  .meta({ examples: [{ name: 'Shop news', description: 'What is new on Mondays' }] })

const WORDS = new Map([
  [true, 'VERIFIED'],
  [false, 'UNVERIFIED'],
])

/** Lists name it as a chat, everything else as a newsletter: both are there. */
export const showNewsletter = ({ address, name, description, foundedAt, createdAt, subscribers, invite, verified }: Newsletter) => ({
  newsletterId: address,
  chatId: address,
  id: address,
  name,
  description: description ?? null,
  owner: null,
  createdAt: showTime(foundedAt ?? createdAt),
  subscribers: subscribers ?? null,
  invite: invite ?? null,
  verification: verified === undefined ? null : (WORDS.get(verified) ?? null),
})
