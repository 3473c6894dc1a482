import { type ColdPace, channelGuarded, lockColdPaces, opensAt, type Pacing, stopped, writeColdPaces } from '#core/channels'
import { conversationKind } from '#core/conversations'
import type { RaisedEvent } from '#kit/context'
import { type Db, unawaited } from '#kit/db'
import { findKnown, noteSends, type OwnSend, readGuardFigures } from './cold.store.ts'
import { afterCold, type ColdTurn, judgeCold, judgeGuard } from './judge-cold.ts'
import type { StartRow } from './judge-start.ts'

/** The rules for cold contacts in one start: asked a message at a time, under the lock of each channel's pace. */
export interface ColdTurns {
  /** Reads what the guards judge by, and who of these is known. */
  look(rows: readonly StartRow[]): Promise<void>
  /** undefined: the message is no cold one. */
  turnOf(row: StartRow): ColdTurn | undefined
  /** It starts: those after it in this claim see that. */
  began(row: StartRow): void
  /** Sends off the paces and what was sent, to ride with the commit. */
  write(): void
  readonly raised: readonly RaisedEvent[]
}

type Parts = { now(): Date; pacingOf(channelId: string): Pacing | undefined }

/** undefined: none of these channels has such rules. Locks the paces, so it comes before any other lock of the start. */
export async function openColdTurns(db: Db, parts: Parts, channelIds: readonly string[]): Promise<ColdTurns | undefined> {
  const ruled = [...new Set(channelIds)].filter((id) => parts.pacingOf(id)?.cold === 'on')
  if (ruled.length === 0) return undefined
  const now = parts.now()
  const paces = new Map((await lockColdPaces(db, ruled, now)).map((pace) => [pace.channelId, pace]))
  const known = new Set<string>()
  const judged = new Set<string>()
  const waitedFor = new Set<string>()
  const sends: OwnSend[] = []
  const raised: RaisedEvent[] = []
  const ruleOf = ({ channelId }: Pick<StartRow, 'channelId'>) => {
    const [pace, pacing] = [paces.get(channelId), parts.pacingOf(channelId)]
    return pace && pacing && { pace, pacing }
  }
  const mayBeCold = ({ address, lastInboundAt }: StartRow) => lastInboundAt === null && conversationKind({ address }) === 'contact'
  const isCold = (row: StartRow) => mayBeCold(row) && !known.has(personOf(row))

  const guard = async (pace: ColdPace, pacing: Pacing) => {
    const verdict = judgeGuard(await readGuardFigures(db, { channelId: pace.channelId, from: pace.judgedFrom }, now), pacing)
    if (!verdict) return
    const after = stopped(pace, { reason: verdict.reason, coolDownHours: pacing.coolDownHours }, now)
    judged.add(pace.channelId)
    paces.set(pace.channelId, after)
    raised.push(channelGuarded(after, verdict.figures))
  }

  return {
    raised,
    async look(rows) {
      const strangers = rows.filter((row) => isFirst(row) && paces.has(row.channelId) && mayBeCold(row))
      const people = strangers.flatMap(({ contactId, channelId }) => (contactId === null ? [] : [{ contactId, channelId }]))
      if (people.length > 0) for (const person of await findKnown(db, people)) known.add(personOf(person))
      for (const channelId of new Set(strangers.filter(isCold).map((row) => row.channelId))) {
        const rule = ruleOf({ channelId })
        if (rule && opensAt(rule.pace, rule.pacing) <= now) await guard(rule.pace, rule.pacing)
      }
    },
    turnOf(row) {
      const rule = isCold(row) ? ruleOf(row) : undefined
      if (!rule) return undefined
      const turn = judgeCold(rule.pace, rule.pacing, row, now)
      judged.add(row.channelId)
      if (turn.is !== 'free') waitedFor.add(row.channelId)
      return turn
    },
    began(row) {
      const rule = ruleOf(row)
      if (!rule) return
      const { id: messageId, channelId, workspaceId, conversationId } = row
      sends.push({ channelId, workspaceId, messageId, conversationId, isCold: isCold(row) })
      if (isCold(row)) paces.set(channelId, afterCold(rule.pace, rule.pacing, now))
    },
    write() {
      const after = [...judged].flatMap((channelId): ColdPace[] => {
        const { pace, pacing } = ruleOf({ channelId }) ?? {}
        if (!pace || !pacing) return []
        const isWaitedFor = pace.callsAt !== null || waitedFor.has(channelId)
        return [{ ...pace, callsAt: isWaitedFor ? opensAt(pace, pacing) : null }]
      })
      if (after.length > 0) unawaited(db, writeColdPaces(db, after))
      if (sends.length > 0) unawaited(db, noteSends(db, sends, now))
    },
  }
}

/** Nobody has begun it: one begun before was counted then. */
export const isFirst = ({ state, leased }: Pick<StartRow, 'state' | 'leased'>): boolean => state === 'scheduled' && leased

const personOf = ({ contactId, channelId }: Pick<StartRow, 'contactId' | 'channelId'>): string => `${contactId} ${channelId}`
