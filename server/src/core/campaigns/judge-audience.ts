import { capabilitiesOf } from '#core/messages'
import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { withTransaction } from '#kit/operation'
import type { Campaign } from './campaign.ts'
import { judgeBy, type Rules, type Verdict } from './judge-person.ts'
import { type Person, selectPeople } from './recipient.store.ts'

export type Sketch = Pick<Campaign, 'content' | 'settings' | 'startAt' | 'sendUntil' | 'channelId' | 'audienceId'>
export type Judged = { person: Person; verdict: Verdict }

const PEOPLE_AT_ONCE = 1_000
const NAMED_MOST = 100

/** By what the people of a campaign are judged now. */
async function rulesOf(ctx: Context, { content, settings, startAt, sendUntil, channelId }: Sketch): Promise<Rules> {
  const channel = await ctx.ports.channels.get(ctx.workspaceId, channelId)
  if (!channel) throw notFound('channel')
  const { timeZone, plan } = await ctx.ports.workspaces.get(ctx.workspaceId)
  return {
    content,
    settings,
    startAt,
    sendUntil,
    capabilities: capabilitiesOf(ctx, channel),
    footer: plan.footer,
    timeZone,
    now: ctx.now(),
  }
}

/** The people of an audience after `after`, judged; each page is read in a transaction of its own. */
export async function* judgeAudience(ctx: Context, sketch: Sketch, after?: string): AsyncGenerator<Judged[]> {
  const judge = judgeBy(await rulesOf(ctx, sketch))
  const of = { ...sketch, workspaceId: ctx.workspaceId }
  for (let last = after; ; ) {
    const people = await withTransaction(ctx, ({ db }) => selectPeople(db, of, { after: last, limit: PEOPLE_AT_ONCE }))
    if (people.length === 0) return
    yield people.map((person) => ({ person, verdict: judge(person) }))
    last = people.at(-1)?.memberId
    if (people.length < PEOPLE_AT_ONCE) return
  }
}

/** Throws `invalid`, naming the first hundred, when somebody lacks a word and the campaign must not be sent then. */
export async function refuseMissing(ctx: Context, sketch: Sketch): Promise<void> {
  if (sketch.settings.onMissingVariable !== 'fail') return
  const issues: { path: string; code: string; message: string }[] = []
  let people = 0
  for await (const judged of judgeAudience(ctx, sketch)) {
    for (const { person, verdict } of judged) {
      if (verdict.skip?.code !== 'missing_variable') continue
      people++
      if (issues.length >= NAMED_MOST) continue
      for (const token of verdict.missing)
        issues.push({ path: `members.${person.memberId}.${token}`, code: 'custom', message: `nothing is known to put for {${token}}` })
    }
  }
  if (people === 0) return
  throw new DomainError('invalid', `${people} ${people === 1 ? 'person lacks' : 'people lack'} a variable that the text asks for`, {
    issues: issues.slice(0, NAMED_MOST),
    facts: { people },
  })
}
