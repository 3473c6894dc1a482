import { previewLink } from '#core/links'
import { LinkQuery, ShownPreview, showPreview } from './links.wire.ts'
import { type App, about, answers } from './routes.ts'

export function linkRoutes(app: App): void {
  app.get(
    '/links/preview',
    { schema: { ...about('Messages', previewLink, 'Preview a link'), querystring: LinkQuery, response: answers(200, ShownPreview) } },
    async ({ ctx, query }) => showPreview(await previewLink(ctx, query)),
  )
}
