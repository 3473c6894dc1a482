import { advanceCampaign, endTurn, guardCampaign, nextLook, takeTurns } from '#core/campaigns'
import type { Context } from '#kit/context'
import type { Database } from '#kit/db'
import type { Logger } from '#kit/log'
import type { CampaignGuard } from './campaign-guard.ts'

type CampaignParts = {
  database: Database
  guard: CampaignGuard
  /** The house itself, at work in a workspace. */
  contextIn(workspaceId: string): Promise<Context>
  log: Logger
  now(): Date
}

const POLL_MS = 200
/** A turn is free again after this when its node died. */
const TURN_MS = 5_000
const AT_ONCE = 4

/** Moves campaigns on: begins, freezes, feeds and ends them, and pauses those that go wrong. Any node may take any turn. */
export function openCampaigns(parts: CampaignParts): { start(): void; stop(): Promise<void> } {
  const { database, log, now } = parts
  let isOpen = false
  let loop: Promise<void> | undefined
  let wake: (() => void) | undefined

  const round = async (): Promise<boolean> => {
    const next = await nextLook(database.engine)
    if (!next || next > now()) return false
    const turns = await takeTurns(database.engine, { now: now(), until: new Date(now().getTime() + TURN_MS), most: AT_ONCE })
    await Promise.all(
      turns.map(async (turn) => {
        const ctx = await parts.contextIn(turn.workspaceId)
        const after = await advanceCampaign(ctx, { database }, turn.id).catch((error: unknown) => {
          log.error({ error, campaignId: turn.id }, 'a campaign stumbled and goes on')
          return new Date(now().getTime() + TURN_MS)
        })
        await endTurn(database.engine, turn, after)
      }),
    )
    return turns.length > 0
  }

  const run = async () => {
    while (isOpen) {
      const hadWork = await Promise.all([round(), watch(parts)]).then(
        ([hadWork]) => hadWork,
        (error: unknown) => {
          log.error({ error }, 'the campaigns stumbled and go on')
          return false
        },
      )
      if (hadWork || !isOpen) continue
      await new Promise<void>((done) => {
        const timer = setTimeout(done, POLL_MS)
        wake = () => {
          clearTimeout(timer)
          done()
        }
      })
    }
  }

  return {
    start() {
      isOpen = true
      loop = run()
    },
    async stop() {
      isOpen = false
      wake?.()
      await loop
    },
  }
}

/** Judges the campaigns in which something failed. */
async function watch({ guard, contextIn, log }: CampaignParts): Promise<void> {
  for (const { campaignId, workspaceId } of guard.suspects()) {
    const alarm = await guardCampaign(await contextIn(workspaceId), campaignId, (measure) => guard.judge(campaignId, measure))
    if (!alarm) continue
    guard.forget(campaignId)
    log.warn({ campaignId, ...alarm }, 'a campaign was paused by its guard')
  }
}
