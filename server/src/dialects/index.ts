import type { WebhookStyle } from '#core/webhooks'
import type { Door } from '#kit/door'
import { blueticksCo } from './blueticks-co/index.ts'
import { canonical } from './canonical/index.ts'
import type { Dialect } from './dialect.ts'

/** The doors, ours first: a path that belongs to none is answered in its voice. */
export const dialects: readonly Dialect[] = [canonical, blueticksCo]

/** How each door tells events, by its name. */
export const stylesOf = (house: Pick<Door, 'publicUrl'>): ReadonlyMap<string, WebhookStyle> =>
  new Map(dialects.map(({ name, webhooks }) => [name, webhooks(house)]))
