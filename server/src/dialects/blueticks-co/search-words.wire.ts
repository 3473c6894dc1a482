import { z } from 'zod'

/** A search by today's name and by the two of older clients. */
export const searchBy = <Words extends z.ZodType>(words: Words, of = 'Part of the text') => ({
  searchToken: words.describe(of),
  query: words.describe('An old name of searchToken'),
  q: words.describe('The oldest name of searchToken'),
})

type Asked = { searchToken?: string | undefined; query?: string | undefined; q?: string | undefined }
export const wordsAsked = ({ searchToken, query, q }: Asked): string | undefined => searchToken ?? query ?? q

/** A yes or no of a query; PHP writes numbers. */
export const Truth = z.enum(['true', 'false', '1', '0']).transform((word) => word === 'true' || word === '1')
