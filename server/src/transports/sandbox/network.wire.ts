import type { InboundContent } from '#core/content'
import type { InboundMessage, Outcome, Receipt } from '#core/transport'
import type { SandboxInbound, SandboxNetwork, SandboxReceipt, SandboxRefusal, SandboxVerdict } from './sandbox-network.ts'

/** What Meta's codes mean; the cloud road's own table, handed over by whoever opens both. */
export type GraphWords = {
  outcomeOf(error: GraphError, circumstances: { attempt: number; status: number }): Outcome
  failureOf(error: GraphError): { code: string; reason: string; advice?: string }
}
type GraphError = { code: number; title?: string; details?: string }

const toGraphError = ({ code, title, details }: SandboxRefusal): GraphError => ({ code, title, details })

/** What the network's answer means to a sender. */
export function toOutcome(words: GraphWords, verdict: SandboxVerdict, attempt: number): Outcome {
  switch (verdict.kind) {
    case 'accepted':
      return { kind: 'accepted', wireId: verdict.wireId }
    case 'refused':
      return words.outcomeOf(toGraphError(verdict.refusal), { attempt, status: verdict.refusal.http })
    case 'broken':
      return verdict.code === undefined
        ? { kind: 'unknown', reason: `Status ${verdict.status} without the network's own words` }
        : words.outcomeOf({ code: verdict.code }, { attempt, status: verdict.status })
    case 'cut':
      return { kind: 'unknown', reason: 'The connection was cut before the answer' }
  }
}

export function toReceipt(words: GraphWords, told: SandboxReceipt): Receipt {
  const { wireId, state, at, callbackData, failure, phone } = told
  return {
    wireId,
    state,
    at: new Date(at),
    ...(callbackData !== undefined && { callbackData }),
    ...(failure && { failure: words.failureOf(toGraphError(failure)) }),
    recipient: peopleOf(phone),
  }
}

export function toInboundMessage({ wireId, at, content, contextWireId, phone, group }: SandboxInbound): InboundMessage {
  return {
    wireId,
    at: new Date(at),
    content,
    from: { ...peopleOf(phone), profileName: phone.profileName, ...(phone.username !== undefined && { username: phone.username }) },
    ...(contextWireId !== undefined && { repliesTo: contextWireId }),
    ...(group !== undefined && { group }),
  }
}

/** A phone that hides its number is known by its business-scoped id alone. */
const peopleOf = ({ number, waId, bsuid, hidesNumber }: SandboxReceipt['phone']) => ({
  ...(!hidesNumber && { phone: number, waId }),
  ...(bsuid !== undefined && { bsuid }),
})

type File = { id: string; mimeType: string; filename: string | undefined; read(): Promise<Buffer> }

/** Files lie with the network like any other sender's: the phone shows the bytes, and may send them back. */
export async function withFile(
  network: SandboxNetwork,
  business: string,
  content: InboundContent,
  file: File | undefined,
): Promise<InboundContent> {
  if (!file || !('mediaId' in content)) return content
  const { mimeType, filename } = file
  const { id, sha256, bytes } = network.files.put({ bytes: await file.read(), mimeType, filename, owner: business })
  return { ...content, remoteMedia: { id, mimeType, sha256, size: bytes.length } }
}
