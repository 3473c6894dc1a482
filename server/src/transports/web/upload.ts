import type { proto } from 'baileys'
import type { Content, MediaType } from '#core/content'
import type { TransportMedia } from '#core/transport'
import { isNewsletterJid } from './addresses.ts'
import { WEB_CAPABILITIES } from './capabilities.ts'
import type { LiveSession } from './live-session.ts'
import { readMentions } from './mentions.ts'

type MediaContent = Extract<Content, { type: MediaType }>

const UPLOAD_MS = 120_000
const THUMBNAIL_OF_MOST = 32 * 1024 * 1024

/** Encrypts the file, puts it where the network keeps files, and answers the message that names it. Throws when that fails. */
export async function uploadMedia(
  { baileys, socket }: LiveSession,
  jid: string,
  { content, media }: { content: MediaContent; media: TransportMedia },
): Promise<{ message: proto.IMessage; mentions: string[] }> {
  const bytes = await media.read()
  const kind = nativeKind(content.type, media.mimeType)
  const words =
    'caption' in content && content.caption && kind !== 'audio' && kind !== 'sticker' ? readMentions(content.caption) : undefined
  const facts = {
    mimetype: media.mimeType,
    ...(words && { caption: words.text }),
    // null: known to have none, so that the library neither starts a program nor writes the plain file to look for it
    jpegThumbnail: null,
    waveform: null,
    ...(await factsOf(baileys, kind, bytes)),
    ...(kind === 'audio' && content.type === 'voice' && { ptt: true, mimetype: voiceType(media.mimeType) }),
    ...(kind === 'document' && { fileName: ('filename' in content ? content.filename : undefined) ?? media.filename ?? 'file' }),
  }
  const given = { [kind]: bytes, ...facts } as unknown as Parameters<typeof baileys.prepareWAMessageMedia>[0] // its type knows no null and no computed key
  const message = await baileys.prepareWAMessageMedia(given, {
    upload: socket.waUploadToServer,
    mediaUploadTimeoutMs: UPLOAD_MS,
    ...(isNewsletterJid(jid) && { jid }),
  })
  return { message, mentions: words?.jids ?? [] }
}

type WireKind = 'image' | 'video' | 'audio' | 'document' | 'sticker'

/** What phones do not show as what it is meant to be leaves as a document. */
function nativeKind(type: MediaType, mimeType: string): WireKind {
  if (type === 'document') return 'document'
  const plain = mimeType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'voice') return WEB_CAPABILITIES.nativeMedia.audio.includes(plain) ? 'audio' : 'document'
  return WEB_CAPABILITIES.nativeMedia[type].includes(plain) ? type : 'document'
}

const voiceType = (mimeType: string): string => (/^audio\/(ogg|opus)/.test(mimeType) ? 'audio/ogg; codecs=opus' : mimeType)

/** A courtesy to who receives it: whatever cannot be read is left out. */
async function factsOf(baileys: LiveSession['baileys'], kind: WireKind, bytes: Buffer): Promise<Record<string, unknown>> {
  if (kind === 'image' && bytes.length <= THUMBNAIL_OF_MOST) {
    const found = await baileys.extractImageThumb(bytes).catch(() => undefined)
    const { width, height } = found?.original ?? {}
    return found ? { jpegThumbnail: found.buffer, ...(width && height && { width, height }) } : {}
  }
  if (kind === 'audio') {
    const seconds = await baileys.getAudioDuration(bytes).catch(() => undefined)
    return { seconds: seconds !== undefined && Number.isFinite(seconds) ? Math.ceil(seconds) : null }
  }
  return kind === 'sticker' ? { isAnimated: isAnimatedWebp(bytes) } : {}
}

/** The second flag of the extended header. */
const isAnimatedWebp = (bytes: Buffer): boolean => bytes.toString('latin1', 12, 16) === 'VP8X' && ((bytes[20] ?? 0) & 2) !== 0
