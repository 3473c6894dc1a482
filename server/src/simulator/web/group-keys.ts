import { encodeWAMessage, proto, unpadRandomMax16 } from 'baileys'
import {
  GroupCipher,
  GroupSessionBuilder,
  SenderKeyDistributionMessage,
  SenderKeyName,
  SenderKeyRecord,
} from 'baileys/lib/Signal/Group/index.js'

/** The key that one writer seals with for a whole group, and who has been given it. */
export interface GroupKey {
  /** Phones, or devices, that can open what is sealed with it. */
  readonly holders: Set<string>
  /** What a holder has to be given. */
  distribution(): Promise<Uint8Array>
  /** Takes over the key of a writer elsewhere. */
  learn(distribution: Uint8Array): Promise<void>
  seal(message: proto.IMessage): Promise<Uint8Array>
  open(sealed: Uint8Array): Promise<proto.Message>
}

export function createGroupKey(group: string): GroupKey {
  let record = new SenderKeyRecord()
  const name = new SenderKeyName(group, { id: 'writer', deviceId: 0 })
  const store = {
    loadSenderKey: async () => record,
    async storeSenderKey(_name: SenderKeyName, changed: SenderKeyRecord) {
      record = changed
    },
  }
  const builder = new GroupSessionBuilder(store)
  const cipher = new GroupCipher(store, name)
  return {
    holders: new Set(),
    distribution: async () => (await builder.create(name)).serialize(),
    learn: (distribution) => builder.process(name, new SenderKeyDistributionMessage(null, null, null, null, distribution)),
    async seal(message) {
      if (record.isEmpty()) await builder.create(name)
      return cipher.encrypt(encodeWAMessage(message))
    },
    open: async (sealed) => proto.Message.decode(unpadRandomMax16(await cipher.decrypt(sealed))),
  }
}
