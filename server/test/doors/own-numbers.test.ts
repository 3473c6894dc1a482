import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { beginLink, moveSession, openChannel, type SessionRef, showCode, showQr } from '#core/channels'
import { all, sql } from '#kit/db'
import { fromTypeId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '../database.ts'
import { holdSession } from '../hold-session.ts'
import { type Asked, type Doors, openDoors, type Tenant } from './doors.ts'

let database: TestDatabase
let doors: Doors
beforeAll(async () => {
  database = await testDatabase({ own: true })
  doors = await openDoors(database)
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

// biome-ignore lint/suspicious/noExplicitAny: an answer as JSON gave it
type Json = any
const QR = '2@words-to-scan,with-keys,in-it'
const PHONE = '+14155550123'
const db = () => database.database.db
const soon = (seconds = 20) => new Date(database.clock.now().getTime() + seconds * 1000)
const seal = (text: string) => doors.ports.secretBox.seal(text)

/** An own number in a live workspace of its own, and whoever holds its session. */
async function ownNumber() {
  const tenant: Tenant = await doors.tenant({ environment: 'live' })
  const ask = async (method: string, path: string, more: Partial<Asked> = {}) => {
    const { status, body, headers } = await doors.ask({ method, path: `/v2${path}`, key: tenant.key, ...more })
    return { status, headers, body: body as Json }
  }
  const { status, body: made } = await ask('POST', '/channels', { body: { kind: 'web', name: 'Shop' } })
  expect(status).toBe(201)
  const channelId = fromTypeId('cha', made.id) ?? ''
  const session = await holdSession(db(), { channelId, workspaceId: tenant.workspace.id })
  const stand = (to: Parameters<typeof moveSession>[3]) => moveSession(db(), doors.ports.events, session, to)
  const eventsNow = async (): Promise<Json[]> => (await ask('GET', '/events?limit=200')).body.data
  return { tenant, ask, made, path: `/channels/${made.id}`, session, stand, eventsNow }
}
const show = (session: SessionRef, text = QR, until = soon()) => showQr(db(), doors.ports.events, session, { qr: seal(text), until })

/** The holder hears of the letters and tells the network. */
async function learnLetters({ channelId, ...session }: SessionRef, until = soon(160)): Promise<void> {
  const [row] = await all(db(), sql<{ code: Buffer | null }>`select code from channel_links where channel_id = ${channelId}`)
  if (!row?.code) throw new Error('nobody asked for letters')
  await showCode(db(), { channelId, ...session }, row.code, until)
  doors.ports.waiters.end([channelId]) // as NOTIFY does in a house
}

describe('linking by QR', () => {
  test('a new own number has no phone and says what to do; its QR comes, is changed, and goes', async () => {
    const { ask, made, path, session, stand, eventsNow } = await ownNumber()
    expect(made).toMatchObject({
      kind: 'web',
      name: 'Shop',
      phone: null,
      state: 'connecting',
      stateReason: null,
      advice: { meaning: expect.any(String), action: expect.stringMatching(/QR/) },
      webhookUrl: null,
    })
    const none = await ask('GET', `${path}/qr`)
    expect(none).toMatchObject({ status: 200, body: { state: 'connecting', qr: null, pairingCode: null } })
    expect(none.headers.get('cache-control')).toBe('no-store')

    await stand({ is: 'awaiting_scan' })
    await show(session)
    const { body } = await ask('GET', `${path}/qr`)
    expect(body).toMatchObject({ state: 'awaiting_scan', qr: { text: QR, until: expect.any(String) } })
    expect(body.qr.image).toMatch(/^data:image\/png;base64,iVBORw0KGgo/)
    await show(session, `${QR} anew`)
    expect((await ask('GET', `${path}/qr`)).body.qr.text).toBe(`${QR} anew`)

    await stand({ is: 'open', phone: PHONE })
    expect((await ask('GET', `${path}/qr`)).body).toEqual({
      state: 'open',
      stateReason: null,
      advice: null,
      reopensAt: null,
      qr: null,
      pairingCode: null,
    })
    expect((await ask('GET', path)).body).toMatchObject({ phone: PHONE, state: 'open', advice: null })
    const told = (await eventsNow()).filter(({ data }) => data.channelId === made.id)
    expect(told.map(({ type }) => type)).toEqual(['channel.qr', 'channel.qr', 'channel.opened'])
    expect(told[0].data).toEqual({ channelId: made.id, until: expect.any(String) })
    expect(JSON.stringify(told)).not.toContain('words-to-scan')
  })

  test('an old QR, and one of a session that was ended, is shown to nobody', async () => {
    const { ask, path, session, stand } = await ownNumber()
    await stand({ is: 'awaiting_scan' })
    await show(session, QR, soon(-1))
    expect((await ask('GET', `${path}/qr`)).body.qr).toBeNull()
    await show(session)
    expect((await ask('GET', `${path}/qr`)).body.qr).not.toBeNull()
    expect((await ask('POST', `${path}/logout`)).body).toMatchObject({ state: 'closed', stateReason: 'logged_out' })
    expect((await ask('GET', `${path}/qr`)).body).toMatchObject({
      state: 'closed',
      qr: null,
      advice: { action: expect.stringMatching(/Link it again/) },
    })
  })

  test('who lost the session shows nothing, and nothing is told', async () => {
    const { ask, path, session, stand, eventsNow } = await ownNumber()
    await stand({ is: 'awaiting_scan' })
    await show({ ...session, epoch: session.epoch - 1 })
    expect((await ask('GET', `${path}/qr`)).body.qr).toBeNull()
    expect((await eventsNow()).map(({ type }) => type)).not.toContain('channel.qr')
  })

  test('neither QR nor letters stand in the log, nor open in the database', async () => {
    const { ask, path, session, stand } = await ownNumber()
    await stand({ is: 'awaiting_scan' })
    await show(session)
    const asking = ask('POST', `${path}/pairing-code`, { body: { phone: PHONE }, headers: { 'idempotency-key': 'letters' } })
    await expect
      .poll(() =>
        learnLetters(session).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const { code } = (await asking).body.pairingCode
    await ask('GET', `${path}/qr`)
    const rows = await all(
      db(),
      sql<{
        row: string
      }>`select channel_links::text as row from channel_links union all select idempotency_keys::text from idempotency_keys`,
    )
    const rest = `${doors.log()}\n${rows.map(({ row }) => row).join('\n')}`
    for (const secret of [QR, code, code.replace('-', '')]) {
      expect(rest).not.toContain(secret)
      expect(rest).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })
})

describe('linking by letters', () => {
  test('the answer waits until WhatsApp knows them; the QR goes on beside them', async () => {
    const { ask, path, session, stand } = await ownNumber()
    await stand({ is: 'awaiting_scan' })
    await show(session)
    const asking = ask('POST', `${path}/pairing-code`, { body: { phone: '(415) 555-0123' } })
    await expect
      .poll(() =>
        learnLetters(session).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const { status, headers, body } = await asking
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toMatchObject({ qr: { text: QR }, pairingCode: { phone: PHONE, until: expect.any(String) } })
    expect(body.pairingCode.code).toMatch(/^[1-9A-HJ-NP-TV-Z]{4}-[1-9A-HJ-NP-TV-Z]{4}$/)
    expect((await ask('GET', `${path}/qr`)).body.pairingCode).toEqual(body.pairingCode)
  })

  test('letters that are replaced while somebody waits are answered as they are now', async () => {
    const { ask, path, session } = await ownNumber()
    const asked = (phone: string) => ask('POST', `${path}/pairing-code`, { body: { phone } })
    const first = asked(PHONE)
    const isAsked = async (phone: string) =>
      (await all(db(), sql`select 1 from channel_links where channel_id = ${session.channelId} and phone = ${phone}`)).length === 1
    await expect.poll(() => isAsked(PHONE)).toBe(true)
    const askedAt = async () =>
      (await all(db(), sql<{ at: Date }>`select asked_at as at from channel_links where channel_id = ${session.channelId}`))[0]?.at
    const before = await askedAt()
    const second = asked('+14155550124')
    await expect.poll(() => isAsked('+14155550124')).toBe(true)
    expect((await askedAt())?.getTime()).toBeGreaterThan(before?.getTime() ?? Infinity) // they have all their time
    await learnLetters(session)
    expect((await first).body.pairingCode).toEqual((await second).body.pairingCode)
    expect((await second).body.pairingCode).toMatchObject({ phone: '+14155550124' })
  })

  test('a closed channel begins to be linked again by asking; another number than before is refused', async () => {
    const { ask, path, session, stand } = await ownNumber()
    await stand({ is: 'open', phone: PHONE })
    expect(await ask('POST', `${path}/pairing-code`, { body: { phone: PHONE } })).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(await ask('POST', `${path}/relink`)).toMatchObject({ status: 409, body: { code: 'conflict' } })
    await ask('POST', `${path}/logout`)
    expect(await ask('POST', `${path}/pairing-code`, { body: { phone: '+14155550124' } })).toMatchObject({ status: 409 })
    const asking = ask('POST', `${path}/pairing-code`, { body: { phone: PHONE } })
    await expect
      .poll(() =>
        learnLetters(session).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    expect((await asking).body).toMatchObject({ state: 'connecting', pairingCode: { phone: PHONE } })
  })
})

describe('afterwards', () => {
  test('a new linking keeps the channel and its number, forgets what was shown, and happens once under its key', async () => {
    const { ask, made, path, session, stand } = await ownNumber()
    await stand({ is: 'open', phone: PHONE })
    await stand({ is: 'closed', reason: 'banned' })
    expect((await ask('GET', path)).body).toMatchObject({ stateReason: 'banned', advice: { meaning: expect.stringMatching(/banned/) } })
    expect(await ask('POST', `${path}/reload`)).toMatchObject({ status: 409, body: { code: 'channel_closed' } })
    const headers = { 'idempotency-key': 'again' }
    const again = await ask('POST', `${path}/relink`, { headers })
    expect(again).toMatchObject({ status: 200, body: { id: made.id, phone: PHONE, state: 'connecting', stateReason: null } })
    await beginLink(db(), session)
    await stand({ is: 'awaiting_scan' })
    await show(session)
    const repeated = await ask('POST', `${path}/relink`, { headers })
    expect(repeated.headers.get('idempotent-replayed')).toBe('true')
    expect((await ask('GET', `${path}/qr`)).body.qr).not.toBeNull()
    await ask('POST', `${path}/relink`)
    expect((await ask('GET', `${path}/qr`)).body).toMatchObject({ state: 'connecting', qr: null })
  })

  test.each(['replaced', 'outdated', 'network', 'not_installed', 'unreadable_keys'] as const)(
    'closed because of %s it is still linked: a reload takes it up again',
    async (reason) => {
      const { ask, path, stand } = await ownNumber()
      await stand({ is: 'open', phone: PHONE })
      await stand({ is: 'closed', reason })
      expect(await ask('POST', `${path}/reload`)).toMatchObject({
        status: 200,
        body: { stateReason: 'reloading', reopensAt: expect.any(String) },
      })
    },
  )

  test('what is linked still and on its way back is not linked anew; it can be logged out, and is', async () => {
    const { ask, path, session, stand } = await ownNumber()
    await stand({ is: 'open', phone: PHONE })
    const refused = { status: 409, body: { code: 'conflict', detail: expect.stringMatching(/log it out/) } }
    const isRefused = async () => {
      expect(await ask('POST', `${path}/relink`)).toMatchObject(refused)
      expect(await ask('POST', `${path}/pairing-code`, { body: { phone: PHONE } })).toMatchObject(refused)
    }
    await ask('POST', `${path}/reload`)
    await isRefused()
    const { channelId, workspaceId } = session
    await openChannel(db(), doors.ports.events, { channelId, workspaceId })
    expect((await ask('GET', path)).body.state).toBe('connecting')
    await isRefused()
    await stand({ is: 'closed', reason: 'network', reopensAt: soon(900) })
    expect(await ask('POST', `${path}/logout`)).toMatchObject({ status: 200, body: { stateReason: 'logged_out', reopensAt: null } })
    expect(await ask('POST', `${path}/relink`)).toMatchObject({ status: 200, body: { state: 'connecting' } })
    expect(await stand({ is: 'open' })).toBe('ended') // by who holds the identity of before
    expect((await ask('GET', path)).body.state).toBe('connecting')
  })

  test('what works badly says why; a pause is advice as well', async () => {
    const { ask, path, stand } = await ownNumber()
    await stand({ is: 'open', phone: PHONE })
    await stand({ is: 'degraded', reason: 'silent' })
    expect((await ask('GET', path)).body).toMatchObject({
      state: 'degraded',
      stateReason: 'silent',
      advice: { meaning: expect.stringMatching(/nothing flows/) },
    })
    await stand({ is: 'open' })
    expect((await ask('POST', `${path}/pause`)).body).toMatchObject({ state: 'open', advice: { action: 'Resume it.' } })
  })
})
