import { invalidField } from '#kit/errors'

/** Everything a key can be allowed to read or to write. */
const NOUNS = [
  'organization',
  'members',
  'keys',
  'channels',
  'messages',
  'media',
  'conversations',
  'contacts',
  'labels',
  'audiences',
  'campaigns',
  'templates',
  'sequences',
  'flows',
  'catalogs',
  'orders',
  'deals',
  'groups',
  'newsletters',
  'webhooks',
  'events',
  'analytics',
  'credits',
  'privacy',
  'simulator',
]

/** Other products' words for the same. */
const ALIASES: Readonly<Record<string, string>> = {
  account: 'organization',
  'api-keys': 'keys',
  chats: 'conversations',
  engines: 'channels',
  scheduled: 'messages',
  'scheduled-messages': 'messages',
  boards: 'deals',
  segments: 'audiences',
}

/** Both spellings in, ours out, each once and in order. '*' is everything. Throws `invalid` on an unknown scope. */
export function normaliseScopes(scopes: readonly string[]): string[] {
  const ours = scopes.map((scope, i) => {
    if (scope === '*') return scope
    const [noun = '', verb = '', ...more] = scope.split(':')
    const name = Object.hasOwn(ALIASES, noun) ? ALIASES[noun] : noun
    if (more.length > 0 || name === undefined || !NOUNS.includes(name) || (verb !== 'read' && verb !== 'write')) {
      throw invalidField(
        `scopes.${i}`,
        `there is no scope ${JSON.stringify(scope)}: it is noun:read or noun:write, such as messages:write, or * for all`,
      )
    }
    return `${name}:${verb}`
  })
  return ours.includes('*') ? ['*'] : [...new Set(ours)].sort()
}
