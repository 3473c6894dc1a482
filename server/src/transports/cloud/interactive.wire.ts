import type { Content } from '#core/content'

type Interactive = Extract<Content, { type: 'interactive' }>['interactive']
type Header = NonNullable<Extract<Interactive, { kind: 'buttons' }>['header']>

/** Buttons, lists and links in Meta's words; `mediaId` is Meta's id of the header's file. */
export function interactiveOf(interactive: Interactive, mediaId: string | undefined): Record<string, unknown> {
  const { header, body, footer } = interactive
  const around = {
    ...(header && { header: headerOf(header, mediaId) }),
    body: { text: body },
    ...(footer !== undefined && { footer: { text: footer } }),
  }
  switch (interactive.kind) {
    case 'buttons':
      return { type: 'button', ...around, action: { buttons: interactive.buttons.map((reply) => ({ type: 'reply', reply })) } }
    case 'list':
      return { type: 'list', ...around, action: { button: interactive.button, sections: interactive.sections } }
    case 'cta': {
      const { label, url } = interactive
      return { type: 'cta_url', ...around, action: { name: 'cta_url', parameters: { display_text: label, url } } }
    }
  }
}

function headerOf(header: Header, mediaId: string | undefined): Record<string, unknown> {
  if (header.type === 'text') return header
  const { type, filename } = header
  return { type, [type]: { id: mediaId, ...(type === 'document' && filename !== undefined && { filename }) } }
}
