import type { Content } from '#core/content'

type Card = Extract<Content, { type: 'contacts' }>['contacts'][number]

/** A contact card in Meta's words; Meta wants one part of the name beside the whole. */
export function contactCardOf({ name, phones, organization, ...rest }: Card): Record<string, unknown> {
  const { formatted, first, last, middle, prefix, suffix } = name
  const parts = {
    ...(last !== undefined && { last_name: last }),
    ...(middle !== undefined && { middle_name: middle }),
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
  }
  const firstName = first ?? (Object.values(parts).some(Boolean) ? undefined : formatted)
  return {
    ...rest,
    name: { formatted_name: formatted, ...(firstName !== undefined && { first_name: firstName }), ...parts },
    ...(phones && { phones: phones.map(({ waId, ...phone }) => ({ ...phone, ...(waId !== undefined && { wa_id: waId }) })) }),
    ...(organization && { org: organization }),
  }
}
