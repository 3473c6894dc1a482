import type { proto } from 'baileys'
import type { InboundContent } from '#core/content'
import { known } from '#kit/lenient'
import { tidy } from '#kit/tidy'
import { textOf, words } from './words.ts'

type Reader = (message: proto.IMessage) => InboundContent | undefined

const WORDS_MOST = 4_096

const reply = (
  kind: Extract<InboundContent, { type: 'reply' }>['kind'],
  { id, title, description }: Record<'id' | 'title' | 'description', string | null | undefined>,
): InboundContent => ({
  type: 'reply',
  kind,
  ...known({ id: words(id, WORDS_MOST), title: words(title, WORDS_MOST), description: words(description, WORDS_MOST) }),
})

/** A form's answer is JSON in a text, made on the person's phone: it may be anything. */
function formAnswer(json: string | null | undefined): unknown {
  const told = words(json, 16_384)
  try {
    return tidy(JSON.parse(told ?? ''))
  } catch {
    return told
  }
}

/** What businesses send with buttons, and what people tap on. */
export const replies: Readonly<Record<string, Reader>> = {
  buttonsResponseMessage: ({ buttonsResponseMessage: one }) =>
    reply('button', { id: one?.selectedButtonId, title: one?.selectedDisplayText, description: undefined }),
  templateButtonReplyMessage: ({ templateButtonReplyMessage: one }) =>
    reply('quick_reply', { id: one?.selectedId, title: one?.selectedDisplayText, description: undefined }),
  listResponseMessage: ({ listResponseMessage: one }) =>
    reply('list', { id: one?.singleSelectReply?.selectedRowId, title: one?.title, description: one?.description }),
  interactiveResponseMessage({ interactiveResponseMessage: one }) {
    const form = one?.nativeFlowResponseMessage
    const payload = formAnswer(form?.paramsJson)
    return {
      ...reply('form', { id: form?.name, title: one?.body?.text, description: undefined }),
      ...(payload !== undefined && { payload }),
    } as InboundContent // a reply with its payload
  },
  buttonsMessage: ({ buttonsMessage: one }) => textOf(one?.contentText, one?.text),
  listMessage: ({ listMessage: one }) => textOf(one?.description, one?.title),
  interactiveMessage: ({ interactiveMessage: one }) => textOf(one?.body?.text, one?.header?.title),
  templateMessage: ({ templateMessage: one }) =>
    textOf(
      one?.hydratedTemplate?.hydratedContentText,
      one?.hydratedFourRowTemplate?.hydratedContentText,
      one?.interactiveMessageTemplate?.body?.text,
    ),
  /** The phone is told what was ordered; we are told only that. */
  orderMessage: ({ orderMessage: one }) => ({
    type: 'order',
    ...known({ text: words(one?.message ?? one?.orderTitle, WORDS_MOST) }),
    items: [],
  }),
}
