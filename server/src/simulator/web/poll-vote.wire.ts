import { randomBytes } from 'node:crypto'
import { aesEncryptGCM, proto } from 'baileys'
import { hmacSha256, sha256 } from '#kit/crypto'

type Vote = {
  options: string[]
  key: proto.IMessageKey
  wireId: string
  creator: string
  voter: string
  /** Of the poll; without it nobody can read the vote. */
  secret: Uint8Array | undefined
  atMs: number
}

/** A vote is sealed with the secret of its poll: only those who have the poll can read it. */
export function sealVote({ options, key, wireId, creator, voter, secret, atMs }: Vote): proto.IMessage {
  const selectedOptions = options.map((option) => sha256(option))
  const payload = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  const base = hmacSha256(Buffer.alloc(32), secret ?? randomBytes(32))
  const sealing = hmacSha256(base, Buffer.concat([Buffer.from(`${wireId}${creator}${voter}Poll Vote`), Buffer.of(1)]))
  const encIv = randomBytes(12)
  const encPayload = aesEncryptGCM(payload, sealing, encIv, Buffer.from(`${wireId}\u0000${voter}`))
  return { pollUpdateMessage: { pollCreationMessageKey: key, vote: { encPayload, encIv }, senderTimestampMs: atMs } }
}
