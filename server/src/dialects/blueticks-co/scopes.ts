import type { Context, Scope } from '#kit/context'
import { requireScope } from '#kit/operation'

/** Ours -> the word of this product, where it has another. */
const WORDS: Readonly<Record<string, string>> = { organization: 'account', conversations: 'chats', channels: 'engines', deals: 'boards' }

/** conversations:read -> chats:read. */
export function scopeWord(scope: string): string {
  const [noun = '', verb = ''] = scope.split(':')
  return verb ? `${Object.hasOwn(WORDS, noun) ? WORDS[noun] : noun}:${verb}` : scope
}

const NOUNS = ['account', 'messages', 'chats', 'contacts', 'groups', 'newsletters', 'audiences', 'campaigns', 'webhooks', 'engines']
const EVERY = NOUNS.flatMap((noun) =>
  noun === 'account' || noun === 'newsletters' || noun === 'contacts' ? [`${noun}:read`] : [`${noun}:read`, `${noun}:write`],
)

/** A key's scopes as this product lists them. */
export const showScopes = (scopes: readonly string[]): string[] => (scopes.includes('*') ? EVERY : scopes.map(scopeWord))

/** Checks the scope that this product asks for, then lends those that our verbs ask for: the products cut their scopes differently. */
export function lend(ctx: Context, needs: Scope | undefined, lent: readonly Scope[]): Context {
  requireScope(ctx, needs)
  return { ...ctx, actor: { ...ctx.actor, scopes: [...ctx.actor.scopes, ...lent] } }
}

/** For reading chats: their messages and files are part of them here. */
export const readChats = (ctx: Context): Context =>
  lend(ctx, 'conversations:read', ['messages:read', 'media:read', 'contacts:read', 'groups:read'])

/** For what one does to a chat or to a message in it. */
export const writeChats = (ctx: Context): Context => lend(ctx, 'conversations:write', ['messages:write', 'media:read', 'contacts:read'])
