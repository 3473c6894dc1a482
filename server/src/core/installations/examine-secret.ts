import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import { selectSealed } from './examine-secret.store.ts'
import type { Finding } from './finding.ts'

const ADVICE =
  'Start with the CHASQUI_SECRET of before (or the file secret in the data folder). If it is lost: give channels new credentials, link own numbers again, rotate the secrets of webhooks.'

/** Whether the secret that this process was given opens what lies in the database. */
export async function examineSecret(db: Db, box: SecretBox): Promise<Finding[]> {
  const sealed = await selectSealed(db)
  const closed = sealed.filter(({ value }) => !opens(box, value)).map(({ kind }) => kind)
  if (sealed.length === 0) return [{ ok: true, what: 'nothing is sealed yet that the secret would have to open' }]
  if (closed.length === 0) return [{ ok: true, what: `the secret opens what is sealed (${sealed.map(({ kind }) => kind).join(', ')})` }]
  return [{ ok: false, what: `the secret does not open ${closed.join(', ')}: they were sealed under another one`, advice: ADVICE }]
}

function opens(box: SecretBox, value: Buffer): boolean {
  try {
    box.open(value)
    return true
  } catch {
    return false
  }
}
