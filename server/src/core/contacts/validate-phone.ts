import { z } from 'zod'
import { type Address, isPossiblePhone, isValidPhone, parseAddress } from '#core/addresses'
import { DomainError } from '#kit/errors'
import { operation } from '#kit/operation'
import { lookUpPerson } from './look-up-person.ts'

/** `address`: as messages name it, also of what is not valid but could be read. `onWhatsApp`: undefined when nobody could be asked. */
export type PhoneValidation = { valid: boolean; address: string | undefined; onWhatsApp: boolean | undefined }

export const validatePhone = operation({
  name: 'contacts.validate-phone',
  does: 'Whether messages can go to a number: the network is asked where the channel can do that, else the numbering plan of its country decides.',
  needs: 'contacts:read',
  transaction: 'none', // nothing is held while the network is asked
  input: z.strictObject({ phone: z.string().min(1).max(128) }),
  async run(ctx, { phone }): Promise<PhoneValidation> {
    const { defaultCountry } = await ctx.ports.workspaces.get(ctx.workspaceId)
    const address = readAddress(phone, defaultCountry)
    if (address?.identities[0]?.kind !== 'phone') return { valid: false, address: undefined, onWhatsApp: undefined }
    const number = address.address
    const found = isPossiblePhone(number) ? await lookUpPerson(ctx, number) : undefined
    return { valid: found?.onWhatsApp ?? isValidPhone(number), address: number, onWhatsApp: found?.onWhatsApp }
  },
})

function readAddress(text: string, defaultCountry: string): Address | undefined {
  try {
    return parseAddress(text, defaultCountry)
  } catch (error) {
    if (error instanceof DomainError) return undefined // not valid is the answer, not a refusal
    throw error
  }
}
