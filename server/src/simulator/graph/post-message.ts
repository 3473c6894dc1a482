import type { InboundContent } from '#core/content'
import { type Fields, fields, text } from '../json-fields.ts'
import type { Verdict } from '../network.types.ts'
import type { BusinessNumber } from './accounts.ts'
import { type Answer, invalid, json, missing, refuse, refuseFor, success } from './answers.ts'
import { checkMessage } from './check-message.ts'
import { checkTemplateSend } from './check-template.ts'
import { toContent } from './content.wire.ts'
import type { Emulator } from './emulator-state.ts'
import type { Template } from './templates.ts'

/** POST /{phone-id}/messages: sends a message, or marks one as read. */
export function postMessage(emulator: Emulator, number: BusinessNumber, sent: Fields): Answer {
  const body = unfolded(sent)
  if (body.status === 'read') return markRead(emulator, number, body)
  const { account } = number
  const problem = checkMessage(body, (id) => emulator.media.knows(account, id))
  if (problem) return refuse(problem)
  const type = text(body.type) ?? 'text'
  const template = type === 'template' ? findTemplate(emulator, number, body.template) : undefined
  const templateProblem = type === 'template' ? checkTemplateSend(template, body.template) : undefined
  if (templateProblem) return refuse(templateProblem)
  const to = text(body.to) ?? text(body.recipient) ?? ''
  if (body.to === undefined && template?.category === 'AUTHENTICATION')
    return refuse({ code: 131062, details: 'An authentication template needs a phone number.' })
  if (to.replace('+', '') === number.number.slice(1)) return refuse({ code: 131021, details: 'The recipient is the sender.' })
  const verdict = emulator.network.deliver(number.number, to, {
    content: emulator.network.keepsContent || type === 'reaction' || type === 'template' ? toContent(body) : unread(type),
    contextWireId: text(fields(body.context).message_id),
    callbackData: text(body.biz_opaque_callback_data),
    category: template?.category.toLowerCase(),
  })
  return answerTo(verdict, { to: text(body.to), recipient: text(body.recipient), isTemplate: type === 'template' })
}

/** Graph takes an object that is folded into a string as well. */
function unfolded(body: Fields): Fields {
  const type = text(body.type) ?? 'text'
  const folded = text(body[type])
  if (folded === undefined) return body
  try {
    return { ...body, [type]: JSON.parse(folded) }
  } catch {
    return body // the check says what is wrong with it
  }
}

/** Where nothing is kept, nothing is translated. */
const unread = (kind: string): InboundContent => ({ type: 'unknown', kind, raw: undefined })

function findTemplate(emulator: Emulator, { account }: BusinessNumber, value: unknown): Template | undefined {
  const { name, language } = fields(value)
  return emulator.templates.find(account, text(name) ?? '', text(fields(language).code) ?? '')
}

function answerTo(verdict: Verdict, asked: { to: string | undefined; recipient: string | undefined; isTemplate: boolean }): Answer {
  if (verdict.kind === 'refused') return refuseFor(verdict.refusal)
  if (verdict.kind === 'cut') return { status: 0, body: '', cut: true }
  if (verdict.kind === 'broken') {
    const { status, code } = verdict
    return code === undefined
      ? { status, body: '<html><body>Service unavailable</body></html>', type: 'text/html' }
      : refuse({ code, status, title: 'Simulated failure', details: 'It was asked for.' })
  }
  const { phone, wireId, statusFirst } = verdict
  const contact = {
    input: asked.to ?? asked.recipient,
    ...(asked.to !== undefined && { wa_id: phone.waId }),
    ...(asked.recipient !== undefined && phone.bsuid !== undefined && { user_id: phone.bsuid }),
  }
  const message = asked.isTemplate ? { id: wireId, message_status: 'accepted' } : { id: wireId }
  const answer = json({ messaging_product: 'whatsapp', contacts: [contact], messages: [message] })
  return statusFirst ? { ...answer, afterWebhooks: true } : answer
}

function markRead({ network }: Emulator, number: BusinessNumber, body: Fields): Answer {
  const id = text(body.message_id)
  if (!id) return refuse(missing('message_id'))
  const typing = body.typing_indicator !== undefined
  if (typing && fields(body.typing_indicator).type !== 'text') return refuse(invalid("typing_indicator['type'] must be text."))
  const known = network.markRead(number.number, id, { typing }) || !network.keepsContent // where nothing is kept, nothing is known
  return known ? success() : refuse(invalid('message_id is not of a message that this number received.'))
}
