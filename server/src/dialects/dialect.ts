import type { WebhookStyle } from '#core/webhooks'
import type { Door, Routes, SpokenError } from '#kit/door'

/** `sections`: the tags of its routes in the order of the page, and what each is about. */
type Reference = { title: string; description: string; version: string; sections: Readonly<Record<string, string>> }

/** One product's API. To add one: a folder, its tests, one line in index.ts. */
export type Dialect = {
  /** The folder's name; keys, endpoints and messages remember the door by it. */
  name: string
  /** Mounted at each of these, the most specific first over all dialects. */
  prefixes: readonly string[]
  routes: Routes
  /** This dialect's words for any error, also for one that happens before its routes are reached. */
  speak(error: unknown, requestId: string): SpokenError
  /** How it tells events. `house`: where we are reached; known once the house listens. */
  webhooks(house: Pick<Door, 'publicUrl'>): WebhookStyle
  /** Head of its OpenAPI document, shown at /docs/<name>. */
  reference?: Reference
}
