import type { MediaType } from '#core/content'
import { CLOUD_CAPABILITIES } from './capabilities.ts'

/** A file as Meta holds it. */
export type GraphFile = { id: string; mimeType: string; filename: string | undefined }

export type GraphMediaType = 'image' | 'video' | 'audio' | 'document' | 'sticker'

const { nativeMedia } = CLOUD_CAPABILITIES

/** As what a file leaves: what Meta does not take in that form goes as a document, and a voice note of the wrong kind as plain sound. */
export function graphMediaType(type: MediaType, mimeType = ''): GraphMediaType {
  if (type === 'document') return 'document'
  const bare = bareType(mimeType)
  if (nativeMedia[type].includes(bare)) return type === 'voice' ? 'audio' : type
  return type === 'voice' && nativeMedia.audio.includes(bare) ? 'audio' : 'document'
}

/** Whether a file may carry the mark of a voice note. */
export const isVoice = (mimeType = ''): boolean => nativeMedia.voice.includes(bareType(mimeType))

/** Without its parameters. */
export const bareType = (mimeType: string): string => (mimeType.includes(';') ? (mimeType.split(';')[0] ?? '').trim() : mimeType)
