/** The number of an own JID, `55119…:12@s.whatsapp.net`, as E.164. */
export function numberOf(jid: string | undefined): string | undefined {
  const digits = /^(\d{5,20})(?::\d+)?@s\.whatsapp\.net$/.exec(jid ?? '')?.[1]
  return digits && `+${digits}`
}
