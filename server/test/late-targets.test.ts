import { describe, expect, test } from 'vitest'
import { deletedAtOf } from '#core/messages'
import { inboundStages, wordsOf } from './inbound-stage.ts'

const stages = inboundStages()

const ANA = { phone: '+14155550150' }
const BEN = { phone: '+14155550151' }
const GROUP = '120363041234567891@g.us'

const edit = (wireId: string, text: string) => ({ content: { type: 'edit' as const, wireId, content: { type: 'text', text } } })
const revoke = (wireId: string) => ({ content: { type: 'revoke' as const, wireId } })

describe('a message that comes after what was done to it', () => {
  test.each([['in a chat', {}] as const, ['in a group', { group: GROUP }] as const])(
    'has its last words, and is taken back: %s',
    async (_, place) => {
      const stage = await stages.open()
      const [one, two] = [stage.said(ANA, 'Saterday', place), stage.own(ANA, 'Ours', place)]
      await stage.take({ messages: [stage.said(ANA, '', { ...place, ...edit(one.wireId, 'Sunday') })] })
      await stage.take({ messages: [stage.said(ANA, '', { ...place, ...edit(one.wireId, 'Saturday') })] })
      await stage.take({ messages: [stage.own(ANA, '', { ...place, ...revoke(two.wireId) })] })
      await stage.take({ messages: [one, two] })
      await stage.take({ messages: [one, two] })
      const [first, second] = (await stage.messages()).slice(3)
      expect(first && wordsOf(first)).toBe('Saturday')
      expect(first && deletedAtOf(first)).toBeUndefined()
      expect(second && deletedAtOf(second)).toBeDefined()
    },
  )

  test('nobody else did it, and not elsewhere', async () => {
    const stage = await stages.open()
    const hers = stage.said(ANA, 'hers', { group: GROUP })
    const claims = [edit(hers.wireId, 'Never'), revoke(hers.wireId)]
    await stage.take({
      messages: [
        ...claims.map((claim) => stage.said(BEN, '', { group: GROUP, ...claim })),
        ...claims.map((claim) => stage.own(undefined, '', { group: GROUP, ...claim })),
        ...claims.map((claim) => stage.said(ANA, '', claim)),
      ],
    })
    await stage.take({ messages: [hers] })
    const [message] = (await stage.messages()).slice(-1)
    expect(message && [wordsOf(message), deletedAtOf(message)]).toEqual(['hers', undefined])
  })
})
