import type { Content } from '#core/content'
import { type GraphFile, graphMediaType } from './native-media.ts'

type Interactive = Extract<Content, { type: 'interactive' }>['interactive']
type Header = NonNullable<Extract<Interactive, { kind: 'buttons' }>['header']>

/** Buttons, lists and links in Meta's words; `file` is the header's. */
export function interactiveOf(interactive: Interactive, file: GraphFile | undefined): Record<string, unknown> {
  const { header, body, footer } = interactive
  const around = {
    ...(header && { header: headerOf(header, file) }),
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

function headerOf(header: Header, file: GraphFile | undefined): Record<string, unknown> {
  if (header.type === 'text') return header
  const type = graphMediaType(header.type, file?.mimeType)
  const filename = header.filename ?? file?.filename
  return { type, [type]: { id: file?.id, ...(type === 'document' && filename !== undefined && { filename }) } }
}
