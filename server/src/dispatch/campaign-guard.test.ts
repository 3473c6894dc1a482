import { expect, test } from 'vitest'
import { newId } from '#kit/ids'
import { openCampaignGuard } from './campaign-guard.ts'

const MEASURE = { failurePercent: 25, least: 20 }
const workspaceId = newId()

function watch() {
  const guard = openCampaignGuard()
  const campaignId = newId()
  const moved = (from: 'scheduled' | 'sending' | 'sent', to: 'sent' | 'failed' | 'skipped' | 'delivered', code: string | null = null) =>
    guard.observe({ state: from, campaignId, workspaceId }, { state: to, code })
  const times = (count: number, work: () => void) => Array.from({ length: count }, work)
  return { guard, campaignId, moved, times, judge: () => guard.judge(campaignId, MEASURE) }
}

test('over its share of failures, from so many tries on', () => {
  const { guard, campaignId, moved, times, judge } = watch()
  times(19, () => moved('sending', 'failed', '131026'))
  expect(judge()).toBeUndefined()
  expect(guard.suspects()).toEqual([{ campaignId, workspaceId }])
  expect(guard.suspects()).toEqual([])
  moved('sending', 'failed', '131026')
  expect(judge()).toEqual({ reason: '100 % of the last 20 messages failed', failed: 20, tried: 20 })
  guard.forget(campaignId)
  expect(judge()).toBeUndefined()
})

test('a share at its bound is none over it; a receipt that fails a sent one is no second try', () => {
  const { moved, times, judge } = watch()
  times(40, () => moved('sending', 'sent'))
  times(10, () => moved('sent', 'failed', '131026'))
  expect(judge()).toBeUndefined()
  moved('sent', 'failed', '131026')
  expect(judge()).toMatchObject({ failed: 11, tried: 40 })
})

test('what was skipped was not tried; receipts that climb change nothing', () => {
  const { moved, times, judge } = watch()
  times(20, () => moved('sending', 'sent'))
  times(100, () => moved('scheduled', 'skipped', 'opted_out'))
  times(20, () => moved('sent', 'delivered'))
  times(6, () => moved('sent', 'failed'))
  expect(judge()).toMatchObject({ failed: 6, tried: 20 })
})

test('one warning of the network is enough', () => {
  const { moved, judge } = watch()
  moved('sending', 'failed', '131048')
  expect(judge()?.reason).toContain('131048')
})

test('long ago counts less than now', () => {
  const { moved, times, judge } = watch()
  times(5_000, () => moved('sending', 'sent'))
  times(400, () => moved('sending', 'failed'))
  expect(judge()).toBeDefined()
})

test('sends without an answer are failures at once', () => {
  const { guard, campaignId, moved, times, judge } = watch()
  times(15, () => moved('sending', 'sent'))
  times(5, () => guard.observeUnknown({ campaignId, workspaceId }))
  expect(judge()).toBeUndefined()
  guard.observeUnknown({ campaignId, workspaceId })
  expect(judge()).toMatchObject({ failed: 6, tried: 21 })
  guard.observeUnknown({ campaignId: null, workspaceId })
  expect(guard.suspects()).toEqual([{ campaignId, workspaceId }])
})
