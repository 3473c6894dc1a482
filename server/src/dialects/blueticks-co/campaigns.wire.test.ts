import { expect, test } from 'vitest'
import type { CountedCampaign } from '#core/campaigns'
import { newId } from '#kit/ids'
import { showCampaignEvent } from './campaigns.wire.ts'

const at = new Date('2026-03-01T12:00:00Z')

test('an event told after the end says nothing of the end, unless it is the end', () => {
  const campaign = {
    ...{ id: newId(), name: 'Words', audienceId: newId(), state: 'failed', total: 1, createdAt: at, startedAt: at, endedAt: at },
    counts: { byState: {}, reasons: [], at },
  } as unknown as CountedCampaign // of its fields those that are shown
  expect(showCampaignEvent(campaign, undefined, 'campaign.started')).toMatchObject({
    status: 'running',
    abortedAt: null,
    completedAt: null,
  })
  expect(showCampaignEvent(campaign, undefined, 'campaign.aborted')).toMatchObject({ status: 'aborted', abortedAt: at.toISOString() })
})
