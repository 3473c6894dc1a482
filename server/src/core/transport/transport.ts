import type { Content, InboundContent } from '#core/content'
import type { LinkPreview } from '#core/links'
import type { Logger } from '#kit/log'
import type { ClosedReason } from './channel-reason.ts'
import type { GroupChange, GroupRoad, NewsletterRoad, RoadNewsletter } from './groups.ts'
import type { ChannelKind, TransportChannel } from './transport-channel.ts'

/** What a road can carry. The core refuses early what is missing here. */
export type Capabilities = {
  content: readonly Content['type'][]
  templates: boolean
  groups: boolean
  newsletters: boolean
  /** A chat can be shown that somebody is typing. */
  presence: boolean
  /** Free-form messages need an inbound one of the last 24 hours. */
  window: boolean
  /** Seconds between two messages to one person, and how many may go at once; undefined: no limit of its own. */
  pair: { everySeconds: number; burst: number } | undefined
  /** Messages of one channel on the wire at one time; undefined: as many as its rate takes. What is claimed must be written within a second. */
  atOnce?: number
  /** We choose the wire id, and a second send under the same one is the same bubble: a crash may simply send again. */
  choosesWireId: boolean
  markRead: boolean
  /** There is a session that can be ended and begun anew; after an end it is back by itself so many seconds later, or waits to be linked again (undefined). */
  session: { returnsAfterSeconds: number | undefined } | undefined
  /** Can be asked about a person: see lookUp. */
  lookups: boolean
  /** Shows the page behind a link unless told not to; else only when told to. */
  linkPreviews: boolean
  /** Messages can be put at the top of a chat, for everybody in it. */
  pins: boolean
  /** Words of a message can be changed after it was sent. */
  edits: boolean
  /** Messages can be taken back for everybody after they were sent. */
  revokes: boolean
  captionMost: number
  /** MIME types that leave natively for each kind; anything else leaves as a document. */
  nativeMedia: Readonly<Record<'image' | 'video' | 'audio' | 'voice' | 'sticker', readonly string[]>>
}

export type TransportMedia = {
  id: string
  mimeType: string
  size: number
  filename: string | undefined
  sha256: string
  read(): Promise<Buffer>
}

/** One message, ready for the wire. */
export type Outgoing = {
  messageId: string
  attempt: number
  /** E.164 for a person, a JID for a group, a BSUID when only that is known. */
  to: string
  content: Content
  /** The file that the content names. */
  media: TransportMedia | undefined
  /** Our choice where the road lets us choose. */
  wireId: string | undefined
  /** The wire id of the message replied or reacted to. */
  targetWireId: string | undefined
  /** The rest of what we hold of that message. */
  target?: OutgoingTarget
  /** What is known of the page behind its link. */
  linkPreview?: Partial<LinkPreview>
  /** Comes back in every receipt of this message: installation, message, attempt. */
  callbackData: string
}

export type OutgoingTarget = {
  fromMe: boolean
  /** Who wrote it, where it is in a group: as the road told it, E.164 or a LID. */
  author: string | undefined
  content: InboundContent
}

/** What a road answers to a send. Data, never an exception. */
export type Outcome =
  | { kind: 'accepted'; wireId: string; held?: boolean; waId?: string }
  | { kind: 'rejected'; code: string; reason: string; advice?: string; effect?: ChannelEffect }
  | { kind: 'retry'; code: string; reason: string; slow?: 'pair' | 'channel' | 'none'; afterMs?: number; effect?: ChannelEffect }
  /** With the wire id, where it was ours to choose: receipts that name it prove the send. */
  | { kind: 'unknown'; reason: string; wireId?: string }

/** What an answer says about the whole channel or the person, beside this message. */
export type ChannelEffect = {
  stop?: { reason: ClosedReason }
  /** An own number had better write to nobody new for a while; without a stop as well, its campaigns pause too. */
  cold?: { reason: string }
  optOut?: 'marketing'
}

export type SendOptions = {
  signal: AbortSignal /** Asked right before the first byte: false means give up, nothing was written. */
  mayWrite(): boolean
}

export type ReadMessages = { chat: string; messages: readonly { wireId: string; author: string | undefined }[] }

/** How the owner of a number sees a chat in the list of chats; what is not given stays. */
export type ChatMarks = { archived?: boolean | undefined; pinned?: boolean | undefined; markedUnread?: boolean | undefined }

/** The newest message of a chat: a mark holds up to it. */
export type LastMessage = Omit<PlacedMessage, 'to'> & { at: Date }

/** A message that is there, as its network names it. */
export type PlacedMessage = { to: string; wireId: string; fromMe: boolean; author: string | undefined }

/** What the network says about a number; no picture: there is none, or it is not for us to see. */
export type PersonFound = { onWhatsApp: boolean; pictureUrl: string | undefined }

export interface Transport {
  readonly kind: ChannelKind
  capabilities(channel: { settings: Readonly<Record<string, unknown>> }): Capabilities
  send(channel: TransportChannel, message: Outgoing, options: SendOptions): Promise<Outcome>
  /** Whether what is started now can leave from this process at once; absent: always. Asked before every start: it must cost nothing. */
  isReady?(channel: TransportChannel): boolean
  /** Asks the road whether this channel would work now. */
  test(channel: TransportChannel): Promise<{ ok: true; facts: Record<string, unknown> } | { ok: false; code: string; reason: string }>
  readonly groups?: GroupRoad
  readonly newsletters?: NewsletterRoad
  /** Shows in a chat that somebody is typing, for so long or until the next message; 0 ends it. */
  showTyping?(channel: TransportChannel, to: string, forMs: number): Promise<void>
  /** Tells a chat that these messages of others, newest first, were read. */
  markRead?(channel: TransportChannel, read: ReadMessages): Promise<void>
  /** Marks a chat in the list of the phone. */
  markChat?(channel: TransportChannel, mark: { chat: string; marks: ChatMarks; last: LastMessage | undefined }): Promise<void>
  lookUp?(channel: TransportChannel, phone: string): Promise<PersonFound>
  /** Pins a message for so long; without seconds: takes it down. */
  pin?(channel: TransportChannel, pin: PlacedMessage & { seconds: number | undefined }): Promise<void>
  /** Changes the words of a message of ours; resolves when the network has taken it. `content` is the whole message, with its new words. */
  edit?(channel: TransportChannel, edit: PlacedMessage & { deedWireId: string; content: Content | InboundContent }): Promise<void>
  /** Takes a message back for everybody; resolves when the network has taken it. */
  revoke?(channel: TransportChannel, revocation: PlacedMessage & { deedWireId: string }): Promise<void>
  fetchMedia?(
    channel: TransportChannel,
    media: NonNullable<Extract<InboundContent, { remoteMedia: unknown }>['remoteMedia']>,
    signal?: AbortSignal,
  ): Promise<{ bytes: Buffer; mimeType: string }>
  /** Called once when the house is open; in-process roads begin to deliver here. */
  open?(inbox: Inbox, log: Logger): Promise<void>
  /** Something about a channel of this kind was changed, here or on another node; a hint. */
  changed?(channelId: string): void
  close?(): Promise<void>
}

/** Who wrote: whatever identities the road told. */
export type Sender = {
  phone?: string
  waId?: string
  bsuid?: string
  parentBsuid?: string
  lid?: string
  username?: string
  profileName?: string
}

export type InboundMessage = {
  wireId: string
  from: Sender
  at: Date
  content: InboundContent
  /** The wire id of the message it answers. */
  repliesTo?: string
  group?: string
  /** The owner of the number wrote it on the phone itself, to this person (in a group: to nobody); `from` is then empty. */
  own?: { to?: Sender }
  /** Kept as it came: referral, forwarded marks, errors. */
  context?: Record<string, unknown>
}

/** A chat as the network hands it over when a number is linked: kept, and told to nobody as new. */
export type HistoryChat = {
  /** The person, or the JID of a group. */
  with: { person: Sender } | { group: string }
  unread: number
  archived: boolean
  /** Oldest first; of our own, how far they got. */
  messages: (InboundMessage & { state?: Receipt['state'] })[]
}

export type Receipt = {
  wireId: string
  state: 'sent' | 'delivered' | 'read' | 'played' | 'failed'
  at: Date
  /** What we gave with the send, when the road returns it. */
  callbackData?: string
  failure?: { code: string; reason: string; advice?: string }
  recipient?: { phone?: string; waId?: string; bsuid?: string }
  facts?: Record<string, unknown>
}

/** Whatever else a road says of a channel: quality, template states, account alerts. Kept, told as an event where we have a word for it. */
export type ChannelNotice = { type: string; facts: Record<string, unknown> }

/** A person told the network, not us, that they want no marketing (`out`), or want it again. */
export type OptOut = { from: Sender; category: 'marketing'; out: boolean; at: Date }

export type Incoming = {
  messages: InboundMessage[]
  receipts: Receipt[]
  notices: ChannelNotice[]
  optOuts?: OptOut[]
  groupChanges?: GroupChange[]
  /** Those that the channel owns or follows, as they are now. */
  newsletters?: RoadNewsletter[]
  /** Names and identities that belong together, without a message. */
  people?: Sender[]
  history?: HistoryChat[]
  /** What the owner of the number did to chats on the phone. */
  chatMarks?: { with: HistoryChat['with']; marks: ChatMarks }[]
}

/** Where a road puts what arrives. Resolves when it is committed. */
export interface Inbox {
  /**
   * An in-process road: the parsed form, effect committed at the return. With an epoch only while the session is held under it; false: it is not
   * any more. Throws `invalid` when no row can be made of it, whenever it is told.
   */
  take(channel: { id: string; epoch?: number }, incoming: Incoming): Promise<boolean>
  /** Commits a body as it came, to be parsed afterwards; false: the session is not held under this epoch any more, nothing was kept. */
  keep(channel: { id: string; workspaceId: string; epoch: number }, body: Buffer): Promise<boolean>
}
