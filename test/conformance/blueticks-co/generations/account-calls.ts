import { type Call, get, kept, patch, post, remove } from './call.ts'

const EVENTS = ['message.delivered', 'message.failed']

/** The account, what is linked to it, its webhooks, lookups. */
export const ACCOUNT_CALLS: readonly Call[] = [
  { method: 'ping', ask: () => get(['ping']), wants: 'Ping' },
  { method: 'account.retrieve', ask: () => get(['account']), wants: 'Account' },
  { method: 'engines.status', ask: () => get(['engines']), wants: 'EngineStatus', says: () => ({ connected: true }) },
  { method: 'engines.me', ask: () => get(['engines', 'me']), wants: 'EngineMe', says: ({ own }) => ({ phone: own }) },
  {
    method: 'utils.validatePhone',
    ask: ({ chat }) => post(['utils', 'validate_phone'], { phone_or_chat_id: chat }),
    wants: 'PhoneValidation',
    says: ({ chat }) => ({ valid: true, formattedChatId: chat }),
  },
  {
    method: 'utils.linkPreview',
    ask: ({ web }) => get(['utils', 'link_preview'], { url: `${web}/page` }),
    wants: 'LinkPreview',
    says: () => ({ title: 'Red shoes' }),
  },
  {
    method: 'webhooks.create',
    ask: ({ web }) => post(['webhooks'], { url: `${web}/hook`, events: EVENTS, description: 'mine' }),
    wants: 'WebhookWithSecret',
    says: () => ({ events: EVENTS, description: 'mine', status: 'enabled' }),
    keep: ({ id, secret }) => ({ webhook: id, secret }),
  },
  { method: 'webhooks.create', ask: ({ web }) => post(['webhooks'], { url: `${web}/b`, events: EVENTS }), wants: 'WebhookWithSecret' },
  {
    method: { first: 'webhooks.get', camel: 'webhooks.retrieve' },
    ask: (world) => get(['webhooks', kept(world, 'webhook')]),
    wants: 'Webhook',
    says: (world) => ({ id: kept(world, 'webhook') }),
  },
  { method: 'webhooks.list', ask: () => get(['webhooks'], { limit: 1 }), wants: { page: 'Webhook' } },
  {
    method: 'webhooks.update',
    ask: (world) => patch(['webhooks', kept(world, 'webhook')], { status: 'disabled', description: null }),
    wants: 'Webhook',
    says: () => ({ status: 'disabled', description: null }),
  },
  {
    method: 'webhooks.rotateSecret',
    only: 'first',
    ask: (world) => post(['webhooks', kept(world, 'webhook'), 'rotate-secret']),
    wants: 'WebhookWithSecret',
  },
  {
    method: 'webhooks.delete',
    ask: (world) => remove(['webhooks', kept(world, 'webhook')]),
    wants: 'Deleted',
    says: (world) => ({ id: kept(world, 'webhook') }),
  },
]

/** Last, since the linked number is away for a moment. */
export const ENGINE_CALLS: readonly Call[] = [
  { method: 'engines.reload', ask: () => post(['engines', 'reload']), wants: 'Ok' },
  {
    method: 'engines.status',
    ask: () => get(['engines']),
    wants: 'EngineStatus',
    until: ({ connected }) => connected === true,
  },
  { method: 'engines.logout', ask: () => post(['engines', 'logout']), wants: 'Ok', logsOut: true },
  {
    method: 'engines.status',
    ask: () => get(['engines']),
    wants: 'EngineStatus',
    until: ({ connected }) => connected === true,
  },
]
