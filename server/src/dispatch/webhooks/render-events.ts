import type { Event } from '#core/events'
import type { Rendered, WebhookStyle } from '#core/webhooks'
import { type Db, isConnectionLoss } from '#kit/db'

type Order = { db: Db; workspaceId: string; style: WebhookStyle; endpoint: { id: string; events: readonly string[] } | undefined }

/** An event that its style could not put into words. */
export type Unspeakable = { error: Error }

/** Each event's bodies by its number, all in one call; when that fails event by event, so that one bad event keeps back no other. Throws when the database is away. */
export async function renderEvents(
  { db, workspaceId, style, endpoint }: Order,
  events: readonly Event[],
): Promise<Map<number, readonly Rendered[] | Unspeakable>> {
  if (events.length === 0) return new Map()
  try {
    return await style.render(db, workspaceId, events, endpoint)
  } catch (error) {
    if (isConnectionLoss(error)) throw error
    if (events.length === 1)
      return new Map(events.map(({ seq }) => [seq, { error: error instanceof Error ? error : new Error('not an error') }]))
  }
  const bodies = new Map<number, readonly Rendered[] | Unspeakable>()
  for (const event of events) {
    for (const [seq, rendered] of await renderEvents({ db, workspaceId, style, endpoint }, [event])) bodies.set(seq, rendered)
  }
  return bodies
}

export const isSpeakable = (rendered: readonly Rendered[] | Unspeakable): rendered is readonly Rendered[] => Array.isArray(rendered)
