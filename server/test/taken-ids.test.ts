import { describe, expect, test } from 'vitest'
import { listConversations } from '#core/conversations'
import { type Message, wireIdOf } from '#core/messages'
import type { InboundMessage } from '#core/transport'
import { type InboundStage, inboundStages, wordsOf } from './inbound-stage.ts'

const stages = inboundStages()

const ANA = { phone: '+14155550150', lid: '7000@lid' }
const BOT = { phone: '+14155550151', lid: '7001@lid' }
const GROUP = '120363041234567891@g.us'
const stageOf = stages.open
const words = async (stage: InboundStage) => (await stage.messages()).map(wordsOf)

/** One page with all of them, or a page each. */
const WAYS: [string, (stage: InboundStage, messages: InboundMessage[]) => Promise<void>][] = [
  ['in one page', (stage, messages) => stage.take({ messages })],
  [
    'in a page each',
    async (stage, messages) => {
      for (const message of messages) await stage.take({ messages: [message] })
    },
  ],
]

describe('the id of a message is chosen by the phone of its writer', () => {
  test.each(WAYS)('two people under one id: both are kept, each once, %s', async (_, take) => {
    const stage = await stageOf()
    const hers = stage.said(ANA, 'hers')
    const his = stage.said(BOT, 'his', { wireId: hers.wireId })
    await take(stage, [hers, his])
    await take(stage, [his, hers, his])
    expect(await words(stage)).toEqual(['hers', 'his'])
    expect((await stage.messages()).map(({ wireId }) => wireId)).toEqual([hers.wireId, hers.wireId])
    expect((await stage.eventTypes()).filter((type) => type === 'message.received')).toHaveLength(2)
  })

  test.each(WAYS)('also in one group, and in a group and beside it, %s', async (_, take) => {
    const stage = await stageOf()
    const hers = stage.said(ANA, 'hers', { group: GROUP })
    const others = [stage.said(BOT, 'his', { wireId: hers.wireId, group: GROUP }), stage.said(ANA, 'alone', { wireId: hers.wireId })]
    await take(stage, [hers, ...others])
    await take(stage, [...others, hers])
    expect((await words(stage)).sort()).toEqual(['alone', 'hers', 'his'])
  })

  test.each(WAYS)('and what the owner wrote under it, %s', async (_, take) => {
    const stage = await stageOf()
    const his = stage.said(BOT, 'his')
    const own = stage.own(ANA, 'mine', { wireId: his.wireId })
    await take(stage, [his, own])
    await take(stage, [own, his])
    expect((await words(stage)).sort()).toEqual(['his', 'mine'])
  })

  test('of two with one author the first is kept', async () => {
    const stage = await stageOf()
    const first = stage.said(ANA, 'first')
    await stage.take({ messages: [first, { ...first, content: { type: 'text', text: 'second' } }] })
    await stage.take({ messages: [{ ...first, content: { type: 'text', text: 'third' } }] })
    expect(await words(stage)).toEqual(['first'])
  })

  test('who is told under another identity the next time is nobody else', async () => {
    const stage = await stageOf()
    const said = stage.said({ lid: ANA.lid }, 'once')
    await stage.take({ messages: [said] })
    await stage.take({ messages: [{ ...said, from: ANA }] })
    await stage.take({ messages: [{ ...said, from: { phone: ANA.phone } }, said] })
    expect(await words(stage)).toEqual(['once'])
  })

  test('in a history too, and each chat keeps its own marks', async () => {
    const stage = await stageOf()
    const hers = stage.said(ANA, 'hers')
    const his = stage.said(BOT, 'his', { wireId: hers.wireId })
    const history = [stage.chat(ANA, [hers], { unread: 1 }), stage.chat(BOT, [his], { unread: 7, archived: true })]
    await stage.take({ history })
    await stage.take({ history, messages: [his, hers] })
    expect((await words(stage)).sort()).toEqual(['hers', 'his'])
    const { rows } = await listConversations(stage.ctx, {})
    expect(rows.map(({ address, unread }) => [address, unread]).sort()).toEqual([
      [ANA.phone, 1],
      [BOT.phone, 7],
    ])
  })

  test('what both wrote stays when one of them is erased', async () => {
    const stage = await stageOf()
    const hers = stage.said(ANA, 'hers')
    const his = stage.said(BOT, 'his', { wireId: hers.wireId })
    await stage.take({ messages: [hers] })
    await stage.take({ messages: [his] })
    const { data } = await stage.ask<{ data: { id: string; phone: string }[] }>('/v2/contacts')
    await stage.ask(`/v2/contacts/${data.find(({ phone }) => phone === BOT.phone)?.id}?history=erase`, 'DELETE')
    await stage.take({ messages: [hers] })
    expect((await words(stage)).filter((text) => text === 'hers')).toEqual(['hers'])
  })
})

describe('whoever answers under the id of what we sent', () => {
  const receipts = (sent: Message, state: 'sent' | 'delivered') => [{ wireId: wireIdOf(sent.id), state, at: new Date() }]

  test.each([
    ['a person', BOT.phone, undefined],
    ['somebody in a group', GROUP, GROUP],
  ])('does not take our receipts, though he is told before we know that it went: %s', async (_, to, group) => {
    const stage = await stageOf()
    const sent = await stage.send(to, 'Ours')
    const answer = stage.said(BOT, 'his', { wireId: wireIdOf(sent.id), ...(group && { group }) })
    await stage.take({ messages: [answer] })
    await stage.take({ messages: [answer] })
    const outcome = { kind: 'accepted' as const, wireId: wireIdOf(sent.id) }
    await stage.ctx.ports.settler.outcome(sent, { attempt: 0, outcome, at: new Date(), reconcileMs: 1_000 })
    await stage.take({ receipts: receipts(sent, 'delivered') })
    await stage.take({ messages: [answer] })
    expect(await words(stage)).toEqual(['Ours', 'his'])
    expect(await stage.message(sent.id)).toMatchObject({ state: 'delivered' })
  })

  test('nor when he is told under another identity than we wrote to', async () => {
    const stage = await stageOf()
    const sent = await stage.send(BOT.phone, 'Ours')
    await stage.take({ messages: [stage.said({ lid: BOT.lid }, 'his', { wireId: wireIdOf(sent.id) })] })
    const outcome = { kind: 'accepted' as const, wireId: wireIdOf(sent.id) }
    await stage.ctx.ports.settler.outcome(sent, { attempt: 0, outcome, at: new Date(), reconcileMs: 1_000 })
    await stage.take({ receipts: receipts(sent, 'delivered') })
    expect(await stage.message(sent.id)).toMatchObject({ state: 'delivered' })
    expect(await words(stage)).toEqual(['Ours', 'his'])
  })

  test('nor do they go to him when only a receipt says that it went, or its echo', async () => {
    const stage = await stageOf()
    const [one, two] = [await stage.send(BOT.phone, 'one'), await stage.send(BOT.phone, 'two')]
    const answers = [one, two].map((sent) => stage.said(BOT, 'his', { wireId: wireIdOf(sent.id) }))
    await stage.take({ messages: answers, receipts: receipts(one, 'sent') })
    await stage.ctx.ports.settler.matchStrays()
    await stage.take({ messages: [stage.own(BOT, 'two', { wireId: wireIdOf(two.id) })] })
    await stage.take({ messages: answers, receipts: receipts(two, 'delivered') })
    expect(await stage.message(two.id)).toMatchObject({ state: 'delivered' })
    expect(await words(stage)).toEqual(['one', 'two', 'his', 'his'])
  })
})
