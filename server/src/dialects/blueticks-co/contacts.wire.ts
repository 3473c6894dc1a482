import { z } from 'zod'
import { CONTACTS_AT_ONCE, type Contact } from '#core/contacts'
import { chatIdOf } from './key.wire.ts'
import { bounds, Figure, Paging } from './paging.wire.ts'
import { searchBy, Truth } from './search-words.wire.ts'

const EVERYBODY = -1
const PAGE_MOST = 200
const PAGE_USUAL = 10
const Token = z.string().trim().min(1).max(100).optional()

export const ContactSearch = z.object({
  ...Paging,
  limit: Figure.pipe(z.union([z.literal(EVERYBODY), z.int().min(1).max(PAGE_MOST)]))
    .default(PAGE_USUAL)
    .transform((limit) => (limit === EVERYBODY ? CONTACTS_AT_ONCE : limit))
    .meta(bounds(EVERYBODY, PAGE_MOST))
    .describe(`Rows a page, ${PAGE_USUAL} when absent; -1: all, up to ${CONTACTS_AT_ONCE}`),
  ...searchBy(Token, 'Part of a name or of a number'),
  includeArchive: Truth.optional().describe('true lists people whose chat is archived as well'),
})

/** Where a person is written to: the number, else what the network calls him. */
export const showContact = ({ phone, identities, name, profileName }: Contact) => ({
  chatId: chatIdOf(phone ?? identities.find(({ kind }) => kind === 'lid' || kind === 'bsuid')?.value ?? identities[0]?.value ?? ''),
  name: name ?? profileName ?? null,
  isBusiness: false,
})
