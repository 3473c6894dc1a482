import type { proto } from 'baileys'

const WRAPS_MOST = 8

/** Forms that hold a whole message and say one thing about it. */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'editedMessage',
  'associatedChildMessage',
  'lottieStickerMessage',
  'groupMentionedMessage',
  'botInvokeMessage',
  'botForwardedMessage',
  'eventCoverImage',
  'pollCreationMessageV4',
  'pollCreationOptionImageMessage',
  'limitSharingMessage',
  'questionMessage',
  'questionReplyMessage',
] as const satisfies readonly (keyof proto.IMessage)[]

export type Unwrapped = {
  message: proto.IMessage
  wrappers: readonly string[]
  pinSeconds: number | undefined
}

/** The message in all its wrappings. What we wrote on another device lies in one more, which nobody else's may. */
export function unwrap(whole: proto.IMessage, mine: boolean): Unwrapped {
  const wrappers: string[] = []
  let message = whole
  let info = whole.messageContextInfo
  for (let depth = 0; depth < WRAPS_MOST; depth++) {
    const wrapper = WRAPPERS.find((name) => message[name]?.message)
    const inner = wrapper ? message[wrapper]?.message : mine ? message.deviceSentMessage?.message : undefined
    if (!inner) break
    wrappers.push(wrapper ?? 'deviceSentMessage')
    message = inner
    info = inner.messageContextInfo ?? info
  }
  return {
    message,
    wrappers,
    pinSeconds: info?.messageAddOnDurationInSecs ?? undefined,
  }
}
