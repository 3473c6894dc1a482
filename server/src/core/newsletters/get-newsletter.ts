import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findNewsletterAt, findNewsletterById } from './newsletter.store.ts'
import type { Newsletter } from './newsletter.ts'

export const getNewsletter = operation({
  name: 'newsletters.get',
  does: 'One newsletter: its name and how many follow it.',
  needs: 'newsletters:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ newsletterId: z.uuid() }),
  async run(ctx, { newsletterId }): Promise<Newsletter> {
    const newsletter = await findNewsletterById(ctx.db, ctx.workspaceId, newsletterId)
    if (!newsletter) throw notFound('newsletter')
    return newsletter
  },
})

export const findNewsletter = operation({
  name: 'newsletters.find',
  does: 'One newsletter by its WhatsApp id.',
  needs: 'newsletters:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ address: z.string().max(128) }),
  async run(ctx, { address }): Promise<Newsletter> {
    const newsletter = await findNewsletterAt(ctx.db, ctx.workspaceId, address)
    if (!newsletter) throw notFound('newsletter')
    return newsletter
  },
})
