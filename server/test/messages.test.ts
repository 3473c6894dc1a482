import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { all, sql } from '#kit/db'
import { eventually, openTestHouse, type TestHouse } from './house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(() => house.close())

type Message = {
  id: string
  state: string
  failure: { code: string } | null
  attempt: number
  sendAt: string | null
  sentAt: string | null
  wireId: string | null
}
type Bubble = { direction: string; content: { text?: string }; arrivals: number; at: string }

let last = 2_000_100
const number = (ending?: string) => (ending ? `+1202555${ending}` : `+1202${last++}`)
const send = async (body: Record<string, unknown>, headers?: Record<string, string>) =>
  (await house.call<Message>('POST', '/v2/messages', { body, ...(headers && { headers }) })).body
const get = async (id: string) => (await house.call<Message>('GET', `/v2/messages/${id}`)).body
const reach = (id: string, state: string) =>
  eventually(async () => {
    const message = await get(id)
    return message.state === state && message
  })
const bubbles = async (phone: string) =>
  (await house.call<{ bubbles: Bubble[] }>('GET', `/v2/simulator/phones/${encodeURIComponent(phone)}`)).body.bubbles
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

describe('a message to a simulated phone', () => {
  it('is accepted, sent, delivered and read, each told as one event in order', async () => {
    const to = number()
    const { id, state } = await send({ to, text: 'hello' })
    expect(state).toBe('queued')
    const read = await reach(id, 'read')
    expect(read).toMatchObject({ attempt: 1, failure: null })
    expect(await bubbles(to)).toMatchObject([{ direction: 'to_phone', content: { text: 'hello' }, arrivals: 1 }])
    const { body } = await house.call<{ data: { type: string; seq: number; data: { messageId?: string } }[] }>(
      'GET',
      '/v2/events?limit=200',
    )
    const ours = body.data.filter(({ data }) => data.messageId === id)
    expect(ours.map(({ type }) => type)).toEqual([
      'message.accepted',
      'message.sending',
      'message.sent',
      'message.delivered',
      'message.read',
    ])
    const seqs = body.data.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i))
  })

  it('leaves at its time, not before', async () => {
    const to = number()
    const sendAt = inSeconds(2)
    const { id, state } = await send({ to, text: 'later', sendAt })
    expect(state).toBe('scheduled')
    expect(await bubbles(to)).toEqual([])
    const sent = await eventually(async () => {
      const message = await get(id)
      return message.sentAt !== null && message
    })
    const [bubble] = await bubbles(to)
    expect(new Date(bubble?.at ?? 0).getTime()).toBeGreaterThanOrEqual(new Date(sendAt).getTime() - 2)
    expect(new Date(sent.sentAt ?? 0).getTime()).toBeGreaterThanOrEqual(new Date(sendAt).getTime())
  })

  it('has its words changed and is taken back on the phone after it was sent, once under one key', async () => {
    const to = number()
    const { id, wireId } = await reach((await send({ to, text: 'At nine' })).id, 'delivered')
    const edit = await house.call('PATCH', `/v2/messages/${id}`, { body: { text: 'At ten' } })
    expect(edit).toMatchObject({ status: 200, body: { content: { text: 'At ten' }, deletedAt: null } })
    expect((await bubbles(to))[0]).toMatchObject({ content: { type: 'text', text: 'At ten' } })
    const revoke = () => house.call('POST', `/v2/messages/${id}/revoke`, { headers: { 'Idempotency-Key': `back-${id}` } })
    const answers = [await revoke(), await revoke()]
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers[1]?.body).toEqual(answers[0]?.body)
    expect((await bubbles(to)).map(({ content }) => content)).toEqual([{ type: 'revoke', wireId }])
  })

  it('stays as it is where the channel cannot change it, and before it has left', async () => {
    const to = number()
    const { id: later } = await send({ to, text: 'later', sendAt: inSeconds(60) })
    expect(await house.call('POST', `/v2/messages/${later}/revoke`)).toMatchObject({ status: 409, body: { code: 'conflict' } })
    const channelId = house.firstRun.channels.cloud.id
    await house.call('POST', `/v2/simulator/phones/${encodeURIComponent(to)}/messages`, { body: { channelId, text: 'Hello' } })
    const { id } = await eventually(async () => {
      const sent = await house.call<Message>('POST', '/v2/messages', { body: { channelId, to, text: 'Hi' } })
      return sent.status === 201 && sent.body // once the answer has opened the window
    })
    await reach(id, 'delivered')
    expect(await house.call('PATCH', `/v2/messages/${id}`, { body: { text: 'Ho' } })).toMatchObject({
      status: 422,
      body: { code: 'unsupported' },
    })
    expect(await house.call('POST', `/v2/messages/${id}/revoke`)).toMatchObject({ status: 422, body: { code: 'unsupported' } })
  })

  it('is not sent after a cancel that answered 200', async () => {
    const to = number()
    const { id } = await send({ to, text: 'never', sendAt: inSeconds(1) })
    expect((await house.call('POST', `/v2/messages/${id}/cancel`)).status).toBe(200)
    const after = await send({ to, text: 'the one after', sendAt: inSeconds(1.2) })
    await reach(after.id, 'delivered')
    expect((await bubbles(to)).map(({ content }) => content.text)).toEqual(['the one after'])
    expect((await get(id)).state).toBe('cancelled')
    expect((await house.call('POST', `/v2/messages/${after.id}/cancel`)).status).toBe(409)
  })

  it('is edited while it waits: new words, new time', async () => {
    const to = number()
    const { id } = await send({ to, text: 'first words', sendAt: inSeconds(60) })
    const edited = await house.call<Message>('PATCH', `/v2/messages/${id}`, { body: { text: 'second words', sendAt: inSeconds(0.5) } })
    expect(edited.status).toBe(200)
    await reach(id, 'delivered')
    expect((await bubbles(to)).map(({ content }) => content.text)).toEqual(['second words'])
  })

  it('comes in the order it was accepted, however many there are', async () => {
    const to = number()
    const texts = Array.from({ length: 12 }, (_, i) => `part ${i}`)
    let id = ''
    for (const text of texts) ({ id } = await send({ to, text }))
    await reach(id, 'delivered')
    expect((await bubbles(to)).map(({ content }) => content.text)).toEqual(texts)
  })

  it.each([
    ['0002', 'failed', '131026'],
    ['0005', 'failed', '131026'],
    ['0009', 'failed', 'window_closed'],
  ])('to …%s ends %s with %s', async (ending, state, code) => {
    const { id } = await send({ to: number(ending), text: 'x' })
    expect((await reach(id, state)).failure?.code).toBe(code)
  })

  it('to …0006 is tried until the network takes it', async () => {
    const { id } = await send({ to: number('0006'), text: 'x' })
    const sent = await eventually(async () => {
      const message = await get(id)
      return message.sentAt !== null && message
    }, 20_000)
    expect(sent.attempt).toBe(3)
  }, 30_000)

  it('to …0007 whose answer was lost is one bubble, proved by its receipts', async () => {
    const to = number('0007')
    const { id } = await send({ to, text: 'x' })
    const proved = await eventually(async () => {
      const message = await get(id)
      return ['sent', 'delivered', 'read'].includes(message.state) && message
    }, 20_000)
    expect(proved.wireId).not.toBeNull()
    expect(await bubbles(to)).toHaveLength(1)
  }, 30_000)
})

describe('an Idempotency-Key', () => {
  it('makes one message of any number of requests at the same time', async () => {
    const to = number()
    const headers = { 'idempotency-key': `key-${to}` }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => house.call<Message>('POST', '/v2/messages', { body: { to, text: 'once' }, headers })),
    )
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === 'true')).toHaveLength(19)
    await reach(answers[0]?.body.id ?? '', 'delivered')
    expect(await bubbles(to)).toHaveLength(1)
  })

  it('refuses another body, and is not used up by a refusal', async () => {
    const to = number()
    const headers = { 'idempotency-key': `key-${to}` }
    expect((await house.call('POST', '/v2/messages', { body: { to: 'nonsense', text: 'x' }, headers })).status).toBe(422)
    expect((await house.call('POST', '/v2/messages', { body: { to, text: 'x' }, headers })).status).toBe(201)
    expect((await house.call('POST', '/v2/messages', { body: { to, text: 'y' }, headers })).status).toBe(409)
  })

  it('replays a bulk with its refusals', async () => {
    const headers = { 'idempotency-key': `bulk-${number()}` }
    const body = {
      messages: [
        { to: number(), text: 'a' },
        { to: 'nonsense', text: 'b' },
        { to: number(), text: 'c' },
      ],
    }
    const one = await house.call('POST', '/v2/messages/bulk', { body, headers })
    const two = await house.call('POST', '/v2/messages/bulk', { body, headers })
    expect(one.status).toBe(200)
    expect(two.headers.get('idempotent-replayed')).toBe('true')
    const idsOf = (answer: unknown) => JSON.stringify(answer).match(/msg_[0-9a-z]+/g)
    expect(idsOf(two.body)).toEqual(idsOf(one.body))
    expect(idsOf(one.body)).toHaveLength(2)
  })
})

describe('what a phone writes', () => {
  it('is kept once, opens the window, and is told', async () => {
    const to = number()
    const { id } = await send({ to, text: 'question?' })
    await reach(id, 'delivered')
    await house.call('POST', `/v2/simulator/phones/${encodeURIComponent(to)}/messages`, { body: { text: 'answer!' } })
    const received = await eventually(async () => {
      const { body } = await house.call<{ data: { direction: string; content: { text?: string } }[] }>(
        'GET',
        '/v2/messages?direction=in&limit=200',
      )
      return body.data.find(({ content }) => content.text === 'answer!')
    })
    expect(received.direction).toBe('in')
    const rows = await all(
      house.test.database.db,
      sql<{
        unread: number
        open: boolean
      }>`select unread, last_inbound_at > chasqui_now() - interval '1 minute' as open from conversations where address = ${to}`,
    )
    expect(rows).toEqual([{ unread: 1, open: true }])
  })
})

describe('a late message', () => {
  it('expires instead of leaving when the house was away for too long', async () => {
    const to = number()
    const { id } = await send({ to, text: 'too late', sendAt: inSeconds(3_600) })
    const moveClock = async (interval: string) => {
      await house.test.moveClock(interval)
      await house.call('GET', '/readyz', { key: null }) // looks at the database's clock
    }
    await moveClock('10 hours')
    try {
      await sql`notify chasqui_due`.execute(house.test.database.db)
      expect((await reach(id, 'expired')).failure?.code).toBe('late')
      expect(await bubbles(to)).toEqual([])
    } finally {
      await moveClock('0')
    }
  })
})
