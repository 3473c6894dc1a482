import type { TransportChannelEntry } from '#core/channels'
import type { Content, InboundContent } from '#core/content'
import type { Capabilities } from '#core/transport'
import type { Context } from '#kit/context'
import { DomainError, invalidField } from '#kit/errors'

export function capabilitiesOf(ctx: Context, channel: TransportChannelEntry): Capabilities {
  const transport = ctx.ports.transports.get(channel.kind)
  if (!transport) throw new DomainError('unsupported', `Channels of kind ${channel.kind} are not available here`)
  return transport.capabilities(channel)
}

/** What the channel cannot carry is refused now, not when the message's time has come. */
export function checkContent(content: Content, capabilities: Capabilities, footer: string | undefined): void {
  if (!capabilities.content.includes(content.type)) {
    throw new DomainError('unsupported', `This channel cannot send ${content.type} messages`, {
      issues: [{ path: 'content.type', code: 'custom', message: 'not possible on this channel' }],
    })
  }
  checkWords(content, capabilities, footer)
}

/** Whether a text or a caption leaves room for what the plan adds to it. */
export function checkWords(content: InboundContent, capabilities: Capabilities, footer: string | undefined): void {
  const footerLength = footer ? footer.length + 2 : 0
  if (content.type === 'text' && content.text.length + footerLength > 4096)
    throw invalidField('content.text', `must leave ${footerLength} characters for the plan's footer`, 'too_big')
  if ('caption' in content && content.caption && content.caption.length + footerLength > capabilities.captionMost) {
    throw invalidField('content.caption', `must be at most ${capabilities.captionMost - footerLength} characters`, 'too_big')
  }
}
