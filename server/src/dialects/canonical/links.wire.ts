import { z } from 'zod'
import type { LinkPreview } from '#core/links'

export const LinkQuery = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2048)
    .meta({ examples: ['https://example.com/'] }),
})

export const ShownPreview = z
  .object({
    title: z.string().nullable(),
    description: z.string().nullable(),
    canonicalUrl: z.string().nullable().describe('The address that the page wants to be known by'),
    thumbnail: z.string().nullable().describe('Where its picture is'),
  })
  .describe('What a page says of itself')

export const showPreview = ({ title, description, canonicalUrl, thumbnail }: LinkPreview) => ({
  title: title ?? null,
  description: description ?? null,
  canonicalUrl: canonicalUrl ?? null,
  thumbnail: thumbnail ?? null,
})
