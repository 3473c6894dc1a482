import { withPlus } from '#core/addresses'
import type { ChannelNotice, OptOut } from '#core/transport'
import { type Fields, fields, id, isFields, known, list, text } from '#kit/lenient'
import { phoneText } from './inbound.wire.ts'
import { toTime } from './time.ts'

/** What a change beside messages tells of the channel. Notices become events, which hold no addresses and no words of people: only counts of those. */
export function readChange(field: string, value: Fields, now: Date): { notices: ChannelNotice[]; optOuts: OptOut[] } {
  if (field === 'user_preferences') return readPreferences(value, now)
  const read = readerOf(field)
  if (read) return { notices: read(value), optOuts: [] }
  if (!ABOUT_THE_ACCOUNT.has(field))
    return { notices: [{ type: 'unknown_field', facts: { field, keys: Object.keys(value) } }], optOuts: [] }
  // Meta's own example of a quality change carries the name of the status field: the keys say what it is
  const type = 'new_quality_score' in value ? 'message_template_quality_update' : field
  return { notices: [{ type, facts: { ...value } }], optOuts: [] }
}

/** These speak of the business and its templates alone, and may be told whole. */
const ABOUT_THE_ACCOUNT = new Set([
  'message_template_status_update',
  'message_template_quality_update',
  'message_template_components_update',
  'template_category_update',
  'template_correct_category_detection',
  'phone_number_quality_update',
  'phone_number_name_update',
  'business_capability_update',
  'business_username_update',
  'business_status_update',
  'account_alerts',
  'account_update',
  'account_review_update',
  'account_settings_update',
  'security',
  'flows',
  'payment_configuration_update',
  'partner_solutions',
])

type Reader = (value: Fields) => ChannelNotice[]

const READERS: Readonly<Record<string, Reader>> = {
  smb_message_echoes: (value) =>
    list(value.message_echoes).map((echo) => ({
      type: 'smb_message_echoes',
      facts: known({ wireId: id(fields(echo).id), kind: text(fields(echo).type), timestamp: id(fields(echo).timestamp) }),
    })),
  smb_app_state_sync: (value) => [{ type: 'smb_app_state_sync', facts: { contacts: list(value.state_sync).length } }],
  history: (value) => list(value.history).map((chunk) => ({ type: 'history', facts: historyFacts(fields(chunk)) })),
  calls: (value) => list(value.calls).map((call) => ({ type: 'calls', facts: pick(fields(call), ['id', 'event', 'direction', 'status']) })),
  user_id_update: (value) => [{ type: 'user_id_update', facts: { people: Math.max(1, list(value.user_id_update).length) } }],
  automatic_events: (value) => [{ type: 'automatic_events', facts: { events: list(value.automatic_events).length } }],
}

function readerOf(field: string): Reader | undefined {
  if (Object.hasOwn(READERS, field)) return READERS[field]
  return field.startsWith('group_') ? readGroups : undefined
}

/** Changes of groups: which, and what; who took part stays in the raw event. */
function readGroups(value: Fields): ChannelNotice[] {
  const groups = list(value.groups).filter(isFields)
  return (groups.length > 0 ? groups : [value]).map((group) => ({
    type: 'groups',
    facts: pick(group, ['group_id', 'type', 'timestamp', 'request_id']),
  }))
}

function historyFacts(chunk: Fields): Record<string, unknown> {
  const threads = list(chunk.threads).map(fields)
  const errors = list(chunk.errors)
  return {
    ...pick(fields(chunk.metadata), ['phase', 'chunk_order', 'progress']),
    threads: threads.length,
    messages: threads.reduce((sum, { messages }) => sum + list(messages).length, 0),
    ...(errors.length > 0 && { errors }),
  }
}

const pick = (source: Fields, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]]])))

/** People who stop or take up marketing again. */
function readPreferences(value: Fields, now: Date): { notices: ChannelNotice[]; optOuts: OptOut[] } {
  const preferences = list(value.user_preferences).map(fields)
  return {
    notices: preferences.map((one) => ({ type: 'user_preferences', facts: pick(one, ['category', 'value']) })),
    optOuts: preferences.flatMap((one) => toOptOut(one, now) ?? []),
  }
}

function toOptOut(preference: Fields, now: Date): OptOut | undefined {
  const { category, value } = preference
  const waId = phoneText(preference.wa_id)
  const bsuid = id(preference.user_id)
  if (category !== 'marketing_messages' || (value !== 'stop' && value !== 'resume' && value !== 'signup')) return undefined
  if (waId === undefined && bsuid === undefined) return undefined
  const from = known({ waId, phone: waId === undefined ? undefined : withPlus(waId), bsuid })
  return { from, category: 'marketing', out: value === 'stop', at: toTime(preference.timestamp) ?? now }
}
