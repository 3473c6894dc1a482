import type { Content } from '#core/content'
import { firstUrl, type LinkPreview, type LinkReader } from '#core/links'
import type { Capabilities } from '#core/transport'
import type { Db } from '#kit/db'
import { DomainError } from '#kit/errors'
import type { Logger } from '#kit/log'
import { writePreview } from './link-previews.store.ts'
import type { Message } from './message.ts'

/** Finds out what is behind the links of messages, beside their way: a message neither waits for its preview nor fails without one. */
export interface LinkPreviews {
  /** Forgets what is over its bound: a preview is a courtesy. */
  want(message: Pick<Message, 'workspaceId' | 'id'>, url: string): void
  /** Takes nothing more; resolves when what is being read is written. */
  stop(): Promise<void>
}

declare module '#kit/context' {
  interface Ports {
    linkPreviews: LinkPreviews
  }
}

const WAITING_MOST = 5_000
const AT_ONCE = 8

type Wanted = { workspaceId: string; id: string; url: string }

/** `db` is the owner's. */
export function openLinkPreviews({ db, links, log }: { db: Db; links: LinkReader; log: Logger }): LinkPreviews {
  const waiting: Wanted[] = []
  const running = new Set<Promise<void>>()
  let open = true

  const begin = () => {
    while (open && running.size < AT_ONCE) {
      const next = waiting.shift()
      if (!next) return
      const work = preview(db, links, next)
        .catch((error: unknown) => {
          if (!(error instanceof DomainError)) log.warn({ error, messageId: next.id }, 'the preview of a link could not be had')
        })
        .finally(() => {
          running.delete(work)
          begin()
        })
      running.add(work)
    }
  }
  return {
    want({ workspaceId, id }, url) {
      if (!open || waiting.length >= WAITING_MOST) return
      waiting.push({ workspaceId, id, url })
      begin()
    },
    async stop() {
      open = false
      waiting.length = 0
      await Promise.all(running)
    },
  }
}

async function preview(db: Db, links: LinkReader, { workspaceId, id, url }: Wanted): Promise<void> {
  const found = await links.read(url)
  if (Object.values(found).some((said) => said !== undefined)) await writePreview(db, { workspaceId, id, url }, found)
}

/** The link whose page a message shows; undefined: it has none, or shows none. */
export const linkOf = (content: Content, { linkPreviews }: Pick<Capabilities, 'linkPreviews'>): string | undefined =>
  content.type === 'text' && (content.previewUrl ?? linkPreviews) ? firstUrl(content.text) : undefined

/** The facts of a message whose words have changed: without what was behind the link of those before. */
export function withoutPreview(facts: Message['facts']): Message['facts'] {
  const { linkPreview: _, ...others } = facts ?? {}
  return facts && others
}

/** What a message shows of the page behind its link: all that is known, at least its address. The links of others are not followed. undefined: no link, or none shown. */
export function linkPreviewOf({ content, facts, direction }: Message): LinkPreview | undefined {
  if (content.type !== 'text' || content.previewUrl === false) return undefined
  const url = firstUrl(content.text)
  const known = facts?.linkPreview as Partial<LinkPreview> | undefined // written by writePreview
  if (url === undefined || !(known || content.previewUrl || direction === 'in')) return undefined
  return { title: known?.title, description: known?.description, canonicalUrl: known?.canonicalUrl ?? url, thumbnail: known?.thumbnail }
}
