import { deflateSync } from 'node:zlib'
import { proto } from 'baileys'
import type { Chat } from '../chats.ts'
import { isGroup, isNewsletter } from '../groups.ts'
import { type Device, post, signalAddress, takeBundle } from './devices.ts'
import { conversationOf, mappingOf } from './history.wire.ts'
import { newStanzaId, node, seconds } from './nodes.wire.ts'
import type { WebState } from './web-state.ts'

const { Type } = proto.Message.ProtocolMessage
const { HistorySyncType } = proto.HistorySync
const CHATS_MOST = 500
const CHATS_A_PART = 50

/** At its first login a device gets the key for shared settings, then what was said before, the latest chats first. */
export async function sendHistory(state: WebState, device: Device): Promise<void> {
  const { person, settingsKey } = device.account
  await sendAsPeer(state, device, {
    type: Type.APP_STATE_SYNC_KEY_SHARE,
    appStateSyncKeyShare: { keys: [{ keyId: { keyId: settingsKey.id }, keyData: settingsKey.data }] },
  })
  const chats = state.network
    .chats(person.number)
    .filter(({ phone }) => !isNewsletter(phone))
    .slice(-CHATS_MOST)
    .reverse()
  const parts = Math.max(1, Math.ceil(chats.length / CHATS_A_PART))
  for (let part = 0; part < parts; part++) {
    const conversations = await Promise.all(
      chats.slice(part * CHATS_A_PART, (part + 1) * CHATS_A_PART).map((chat) => conversationOf(state, chat)),
    )
    const syncType = part === 0 ? HistorySyncType.INITIAL_BOOTSTRAP : HistorySyncType.RECENT
    const mappings = part === 0 ? peopleIn(chats).map((number) => mappingOf(state.people.of(number))) : []
    await sendPart(state, device, {
      syncType,
      conversations,
      chunkOrder: part,
      progress: Math.round((100 * (part + 1)) / parts),
      phoneNumberToLidMappings: [mappingOf(person), ...mappings],
    })
  }
  const pushnames = peopleIn(chats).map((number) => ({
    id: state.people.of(number).phoneJid,
    pushname: state.network.phone(number)?.profileName ?? null,
  }))
  if (pushnames.length > 0)
    await sendPart(state, device, { syncType: HistorySyncType.PUSH_NAME, pushnames, chunkOrder: parts, progress: 100 })
}

const peopleIn = (chats: readonly Chat[]): string[] => chats.flatMap(({ phone }) => (isGroup(phone) ? [] : [phone]))

/** Parts travel in the message itself: a client would look for others at WhatsApp's own host and nowhere else. */
async function sendPart(
  state: WebState,
  device: Device,
  part: proto.IHistorySync & { syncType: proto.HistorySync.HistorySyncType },
): Promise<void> {
  const { chunkOrder = 0, progress = 100 } = part
  const initialHistBootstrapInlinePayload = deflateSync(proto.HistorySync.encode(part).finish())
  // the two enumerations of the protocol have the same numbers
  const syncType = part.syncType as number as proto.Message.HistorySyncType
  await sendAsPeer(state, device, {
    type: Type.HISTORY_SYNC_NOTIFICATION,
    historySyncNotification: { syncType, chunkOrder, progress, initialHistBootstrapInlinePayload },
  })
}

/** From the phone to its own device. */
export async function sendAsPeer(state: WebState, device: Device, protocolMessage: proto.Message.IProtocolMessage): Promise<void> {
  const { person } = device.account
  const sealed = await person.signal.seal(signalAddress(device), { protocolMessage }, () => takeBundle(device))
  const t = seconds(state.network.time.now())
  const envelope = { from: person.phoneJid, id: `3A${newStanzaId().toUpperCase()}`, t, type: 'text', category: 'peer' }
  post(device, node('message', envelope, [node('enc', { v: 2, type: sealed.type }, sealed.bytes)]))
}
