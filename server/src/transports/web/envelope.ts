/** A message as it was decrypted, before anything was made of it: what a raw event of an own number holds. */
export type Envelope = {
  /** The stanza's attributes: from, participant, id, t, notify, sender_lid, … */
  attributes: Readonly<Record<string, string>>
  /** Our own identities at that time: JIDs. */
  me: { id: string; lid: string | undefined }
  /** WhatsApp's Message, encoded, without padding. */
  message: Uint8Array
}

export const writeEnvelope = ({ attributes, me, message }: Envelope): Buffer =>
  Buffer.from(JSON.stringify({ attributes, me, message: Buffer.from(message).toString('base64') }))

/** Throws when it is none. */
export function readEnvelope(body: Buffer): Envelope {
  const { attributes, me, message } = JSON.parse(body.toString('utf8')) // written above
  if (typeof attributes !== 'object' || typeof message !== 'string') throw new SyntaxError('not a kept message of an own number')
  return { attributes, me, message: Buffer.from(message, 'base64') }
}
