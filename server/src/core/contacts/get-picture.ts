import { z } from 'zod'
import { parseAddress } from '#core/addresses'
import type { Context } from '#kit/context'
import { operation } from '#kit/operation'
import { getContact } from './get-contact.ts'
import { lookUpPerson } from './look-up-person.ts'

export const getPicture = operation({
  name: 'contacts.picture',
  does: 'Where the profile picture of a person is; none when they have none, hide it, or the channel cannot ask.',
  needs: 'contacts:read',
  mayRefuse: ['invalid', 'not_found'],
  transaction: 'none', // nothing is held while the network is asked
  input: z.union([z.strictObject({ contactId: z.uuid() }), z.strictObject({ to: z.string().min(1).max(128) })]),
  async run(ctx, who): Promise<string | undefined> {
    const phone = 'contactId' in who ? (await getContact(ctx, who)).phone : await phoneAt(ctx, who.to)
    return phone === undefined ? undefined : (await lookUpPerson(ctx, phone))?.pictureUrl
  },
})

/** undefined: no person, or one who is known by another id. */
async function phoneAt(ctx: Context, to: string): Promise<string | undefined> {
  const { defaultCountry } = await ctx.ports.workspaces.get(ctx.workspaceId)
  return parseAddress(to, defaultCountry).identities.find(({ kind }) => kind === 'phone')?.value
}
