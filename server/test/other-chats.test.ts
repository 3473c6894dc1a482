import { describe, expect, test } from 'vitest'
import { listConversations } from '#core/conversations'
import { listPins } from '#core/messages'
import type { InboundMessage, Sender } from '#core/transport'
import { run, sql } from '#kit/db'
import { type InboundStage, inboundStages, wordsOf } from './inbound-stage.ts'

const stages = inboundStages()

const ANA = { phone: '+14155550150' }
const BEN = { phone: '+14155550151' }
const GROUP = '120363041234567891@g.us'
const stageOf = stages.open
const threadWith = async ({ ctx }: InboundStage, address: string) =>
  (await listConversations(ctx, {})).rows.find((one) => one.address === address)?.id ?? ''
const pinned = async (stage: InboundStage, address: string) =>
  (await listPins(stage.ctx, { conversationId: await threadWith(stage, address) })).map(({ message }) => wordsOf(message))

const pin = (wireId: string, on = true) => ({ content: { type: 'pin' as const, wireId, pinned: on } })

describe('whoever knows the id of a message of another chat', () => {
  test('neither pins it in his own nor takes it down there', async () => {
    const stage = await stageOf()
    const hers = [1, 2, 3].map((n) => stage.said(ANA, `hers ${n}`))
    const his = stage.said(BEN, 'his')
    await stage.take({ messages: [...hers, his] })
    await stage.take({ messages: [...hers.map(({ wireId }) => stage.said(ANA, '', pin(wireId))), stage.said(BEN, '', pin(his.wireId))] })
    const before = (await stage.events()).length
    await stage.take({
      messages: [
        ...hers.map(({ wireId }) => stage.said(BEN, '', pin(wireId))),
        ...hers.map(({ wireId }) => stage.said(BEN, '', pin(wireId, false))),
        stage.said(ANA, '', { group: GROUP, ...pin(his.wireId, false) }),
      ],
    })
    expect((await pinned(stage, ANA.phone)).sort()).toEqual(['hers 1', 'hers 2', 'hers 3'])
    expect(await pinned(stage, BEN.phone)).toEqual(['his'])
    expect((await stage.events(before)).filter(({ type }) => type.startsWith('message.'))).toEqual([])
    await stage.take({ messages: [stage.said(ANA, '', pin(hers[0]?.wireId ?? '', false))] })
    expect((await pinned(stage, ANA.phone)).sort()).toEqual(['hers 2', 'hers 3'])
  })

  test('neither reacts to it, votes on it nor answers it, also in the page that brings it', async () => {
    const stage = await stageOf()
    const hers = stage.said(ANA, 'hers')
    const about = (who: Sender, more: Partial<InboundMessage> = {}): InboundMessage[] => [
      stage.said(who, '', { content: { type: 'reaction', wireId: hers.wireId, emoji: '👍' }, ...more }),
      stage.said(who, '', { content: { type: 'poll_vote', wireId: hers.wireId, options: ['yes'] }, ...more }),
      stage.said(who, 'Yes', { repliesTo: hers.wireId, ...more }),
    ]
    await stage.take({ messages: [hers, ...about(BEN)] })
    await stage.take({ messages: [...about(BEN), ...about(ANA, { group: GROUP })] })
    const messages = await stage.messages()
    expect(messages).toHaveLength(10)
    expect(messages.filter(({ replyTo }) => replyTo)).toEqual([])
    expect(JSON.stringify(messages)).not.toContain('messageId')
    const events = await stage.events()
    expect(events.filter(({ type, subjects }) => type === 'message.received' && !subjects.targetMessageId)).toHaveLength(4)
    expect(events.filter(({ type }) => type === 'message.reacted' || type === 'message.poll_voted')).toEqual([])
    const before = events.length
    await stage.take({ messages: about(ANA) })
    expect((await stage.events(before)).map(({ type, subjects }) => [type, subjects.targetMessageId])).toEqual([
      ['message.reacted', messages[0]?.id],
      ['message.poll_voted', messages[0]?.id],
      ['message.received', messages[0]?.id],
    ])
  })
})

test('two threads that turn out to be of one person are joined, though a message is pinned in both', async () => {
  const stage = await stageOf()
  const LID = { lid: '98765@lid' }
  const [one, two] = [stage.said(ANA, 'by number'), stage.said(LID, 'by id')]
  await stage.take({ messages: [one, two] })
  await stage.take({ messages: [stage.said(ANA, '', pin(one.wireId)), stage.said(LID, '', pin(two.wireId))] })
  await run(
    stages.test.database.db,
    sql`insert into message_pins (workspace_id, conversation_id, message_id, pinned_at, until)
      select p.workspace_id, c.id, p.message_id, p.pinned_at, p.until from message_pins p cross join conversations c
      where p.workspace_id = ${stage.workspaceId} and c.workspace_id = p.workspace_id and c.id <> p.conversation_id`,
  )
  await stage.take({ messages: [stage.said({ ...ANA, ...LID }, 'by both')] })
  expect((await pinned(stage, ANA.phone)).sort()).toEqual(['by id', 'by number'])
  expect((await listConversations(stage.ctx, {})).rows).toHaveLength(1)
})
