import type { Content } from '#core/content'
import { windowClosesAt } from '#core/conversations'
import { checkContent } from '#core/messages'
import type { Capabilities } from '#core/transport'
import { DomainError } from '#kit/errors'
import type { CampaignSettings } from './campaign.ts'
import type { Person } from './recipient.store.ts'
import { beginningOf, localStart, outOfQuiet, withJitter, zonesOf } from './recipient-times.ts'
import { BUILT_IN, render, tokensOf, wordsOf } from './tokens.ts'

/** What a person is judged by. */
export type Rules = {
  content: Content
  settings: CampaignSettings
  startAt: Date | undefined
  sendUntil: Date | undefined
  capabilities: Capabilities
  /** The plan's words under a text. */
  footer: string | undefined
  /** Of the workspace: what clocks show where nobody knows better. */
  timeZone: string
  now: Date
}

/** Written to at `dueAt` with these variables, or left out for a reason. */
export type Verdict = {
  variables: Readonly<Record<string, string>>
  dueAt: Date
  skip: { code: string; reason: string } | undefined
  /** Tokens that nothing stands for. */
  missing: readonly string[]
}

/** Decides for one person after the other, in a dry run as in the real one. */
export function judgeBy(rules: Rules): (person: Person) => Verdict {
  const tokens = tokensOf(rules.content)
  const builtIn = BUILT_IN.filter((name) => tokens.includes(name))
  return (person) => {
    const frozen = { ...wordsOfAll(person, builtIn), ...person.variables }
    const words = wordsOf(frozen, {})
    const missing = tokens.filter((token) => !words.has(token))
    const dueAt = dueOf(person, rules)
    return { variables: frozen, dueAt, missing, skip: whyNot(person, rules, { words, missing, dueAt }) }
  }
}

function wordsOfAll({ address, name, profileName }: Person, wanted: readonly string[]): Record<string, string> {
  const phone = address.replace(/@.*$/, '')
  const all: Record<string, string> = {
    whatsappname: profileName ?? name ?? phone,
    displayname: name ?? profileName ?? phone,
    phone,
    mobile: phone,
  }
  return Object.fromEntries(wanted.map((token) => [token, all[token] ?? '']))
}

function dueOf(person: Person, { settings, startAt, timeZone, now }: Rules): Date {
  const { zone, quietHours } = settings
  if (zone === 'sender' && !quietHours) return startAt && startAt > now ? startAt : now
  const zones = zonesOf({ timeZone: person.timeZone ?? undefined, address: person.address }, timeZone)
  const asked = startAt && (zone === 'recipient' ? localStart(startAt, timeZone, zones) : startAt)
  const due = asked && asked > now ? asked : now
  if (!quietHours) return due
  const freeFrom = (at: Date) => outOfQuiet(quietHours, zones, at)
  const free = freeFrom(due)
  return free > due ? withJitter(free, person.memberId, freeFrom) : due
}

type Facts = { words: ReadonlyMap<string, string>; missing: readonly string[]; dueAt: Date }

function whyNot(person: Person, rules: Rules, { words, missing, dueAt }: Facts): Verdict['skip'] {
  const { content, settings, sendUntil, capabilities } = rules
  if (person.isOptedOut) return { code: 'opted_out', reason: 'The person asked for no more messages of this kind' }
  if (person.isBlocked) return { code: 'blocked', reason: 'The contact is blocked' }
  if (person.address.endsWith('@g.us') && !capabilities.groups) return { code: 'unsupported', reason: 'This channel cannot send to groups' }
  if (person.address.endsWith('@newsletter') && !capabilities.newsletters)
    return { code: 'unsupported', reason: 'This channel cannot send to newsletters' }
  if (missing.length > 0 && settings.onMissingVariable !== 'leaveToken')
    return { code: 'missing_variable', reason: `Nothing is known to put for {${missing.join('}, {')}}` }
  if (
    capabilities.window &&
    content.type !== 'template' &&
    !windowClosesAt({ lastInboundAt: person.lastInboundAt ?? undefined }, rules.now)
  )
    return { code: 'window_closed', reason: 'The person has not written in the last 24 hours' }
  if (sendUntil && dueAt > sendUntil) return { code: 'campaign_ended', reason: 'The campaign ends before this person may be written to' }
  return tooLong(rules, words)
}

function tooLong({ content, capabilities, footer }: Rules, words: ReadonlyMap<string, string>): Verdict['skip'] {
  const rendered = render(content, words)
  if (!rendered) return { code: 'invalid_content', reason: 'With the words of this person the message is none that WhatsApp takes' }
  try {
    checkContent(rendered, capabilities, footer)
    return undefined
  } catch (error) {
    if (error instanceof DomainError) return { code: 'invalid_content', reason: error.message }
    throw error
  }
}

/** When the work of a campaign begins. */
export const beginsAt = ({ startAt, settings, timeZone, now }: Pick<Rules, 'startAt' | 'settings' | 'timeZone' | 'now'>): Date => {
  const beginning = startAt && beginningOf(startAt, settings.zone, timeZone)
  return beginning && beginning > now ? beginning : now
}
