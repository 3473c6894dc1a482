import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { moveSession, type SessionRef, showCode, showQr } from '#core/channels'
import { appendEvents } from '#core/events'
import { openSecretBox } from '#kit/crypto'
import { all, sql } from '#kit/db'
import { fromTypeId } from '#kit/ids'
import { holdSession } from '../hold-session.ts'
import { eventually, openTestHouse, type TestHouse } from '../house.ts'
import { type Ended, openInstallation } from './house-process.ts'

const SECRET = 'the secret of a house that links'
const PHONE = '+14155550123'
/** A process starts slowly on a busy machine. */
const PATIENCE_MS = 25_000
const box = openSecretBox(SECRET)
const events = { append: appendEvents, hint: () => undefined }
/** Somebody else's terminal: it knows no folder of the house. */
const terminal = openInstallation()
let house: TestHouse
vi.setConfig({ testTimeout: 90_000 })
beforeAll(async () => {
  // without the role web-channels: the test plays whoever holds the sessions
  house = await openTestHouse({ CHASQUI_ROLES: 'api,engine', CHASQUI_SECRET: SECRET })
})
afterAll(async () => {
  await house.close()
  await terminal.clear()
})

const db = () => house.test.database.db
const key = () => house.firstRun.live.keys.canonical
const chasqui = (...args: string[]): Promise<Ended> => {
  said = ''
  return terminal.chasqui(['link', ...args, '--url', house.url, '--key', key()], { heard: (out) => (said = out) })
}
/** All that the command which runs has said so far. */
let said = ''
const says = (words: string, times = 1) => eventually(async () => said.split(words).length > times, PATIENCE_MS)
const soon = () => new Date(Date.now() + 60_000)

type Made = { id: string; name: string; kind: string }
const channels = async () => (await house.call<{ data: Made[] }>('GET', '/v2/channels', { key: key() })).body.data
const named = (name: string) => eventually(async () => (await channels()).find((one) => one.name === name), PATIENCE_MS)

async function hold({ id }: Made): Promise<SessionRef> {
  const channelId = fromTypeId('cha', id) ?? ''
  const [row] = await all(db(), sql<{ workspaceId: string }>`select workspace_id as "workspaceId" from channels where id = ${channelId}`)
  return holdSession(db(), { channelId, workspaceId: row?.workspaceId ?? '' })
}
const stand = (session: SessionRef, to: Parameters<typeof moveSession>[3]) => moveSession(db(), events, session, to)
const qr = (session: SessionRef, text: string) => showQr(db(), events, session, { qr: box.seal(text), until: soon() })

test('a channel is made, each QR is shown as it comes, and the end is the number', async () => {
  const ended = chasqui('Shop')
  const shop = await named('Shop')
  const session = await hold(shop)
  await stand(session, { is: 'awaiting_scan' })
  for (const [before, text] of ['2@first', '2@second'].entries()) {
    await qr(session, text)
    await says('It changes now and then', before + 1)
  }
  await stand(session, { is: 'open', phone: PHONE })
  const { code, out, errors } = await ended
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  expect(out).toContain(`Made the channel Shop (${shop.id}).`)
  expect(out).toMatch(/To link Shop, on the phone: WhatsApp > Linked devices > Link a device\. Then scan:/)
  expect(out.match(/[▀▄█]/g)?.length).toBeGreaterThan(200)
  expect(out.match(/It changes now and then/g)).toHaveLength(2)
  expect(out).not.toContain('2@')
  expect(out.trim().split('\n').at(-1)).toBe(`Linked: Shop is ${PHONE}.`)
  expect(await chasqui('shop')).toMatchObject({ code: 0, out: `Shop is linked already: ${PHONE}.\n` })
})

test('letters are shown once WhatsApp knows them; nobody types them, and it says what to do', async () => {
  const ended = chasqui('Van', '--phone', '(415) 555-0199')
  const session = await hold(await named('Van'))
  const letters = await eventually(async () => {
    const [row] = await all(db(), sql<{ code: Buffer | null }>`select code from channel_links where channel_id = ${session.channelId}`)
    return row?.code ?? undefined
  }, PATIENCE_MS)
  await showCode(db(), session, letters, soon())
  await says('Type:  ')
  await stand(session, { is: 'closed', reason: 'not_linked' })
  const { code, out } = await ended
  expect(code).toBe(1)
  const shown = box.open(letters)
  expect(out).toContain(`Type:  ${shown.slice(0, 4)}-${shown.slice(4)}  (until`)
  expect(out).toContain('Not linked. Nobody scanned the QR or typed the letters in time.\nBegin again with the phone at hand.')
  expect((await channels()).filter(({ name }) => name === 'Van')).toHaveLength(1)
})

test('a closed channel is linked again by the same command; which one must be clear', async () => {
  const again = chasqui('van')
  const van = await named('Van')
  await eventually(
    async () => (await house.call<{ state: string }>('GET', `/v2/channels/${van.id}`, { key: key() })).body.state === 'connecting',
    PATIENCE_MS,
  )
  await stand(await hold(van), { is: 'closed', reason: 'banned' })
  expect(await again).toMatchObject({ code: 1, out: expect.stringMatching(/Not linked\. WhatsApp has banned/) })
  const unclear = await chasqui()
  expect(unclear).toMatchObject({ code: 1, out: '' })
  expect(unclear.errors).toMatch(/^Say which one:\n {2}cha_\S+ {2}Shop {2}\+14155550123\n {2}cha_\S+ {2}Van {2}not linked\nUsage:/)
  expect(await chasqui('cha_01m7ydvp24ekt9ra02e6m8cgrd')).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/no own number with the id/),
  })
})

test('what is linked still is never linked anew: it is taken up again, followed, or its trouble is told', async () => {
  const made = await house.call<Made>('POST', '/v2/channels', { key: key(), body: { kind: 'web', name: 'Desk' } })
  const session = await hold(made.body)
  await stand(session, { is: 'open', phone: PHONE.replace('123', '124') })
  await stand(session, { is: 'degraded', reason: 'silent' })
  expect(await chasqui('Desk')).toMatchObject({ code: 0, out: expect.stringMatching(/^Desk is linked already.*nothing flows/) })
  await stand(session, { is: 'closed', reason: 'network', reopensAt: new Date(Date.now() + 900_000) })
  for (const more of [[], ['--phone', PHONE.replace('123', '124')]]) {
    const ended = chasqui('Desk', ...more)
    const state = async () => (await house.call<{ state: string }>('GET', `/v2/channels/${made.body.id}`, { key: key() })).body.state
    await eventually(async () => (await state()) === 'connecting', PATIENCE_MS)
    await says('Waiting for')
    expect(await all(db(), sql`select 1 from channel_links where channel_id = ${session.channelId}`)).toEqual([])
    await stand(session, { is: 'open' })
    expect((await ended).out).toMatch(/Linked: Desk is \+14155550124\.\n$/)
    await stand(session, { is: 'closed', reason: 'replaced' })
  }
})

test('a wrong number, a key that may not, a house that is not there: a sentence each', async () => {
  expect(await chasqui('Van', '--phone', 'call me')).toMatchObject({ code: 1, errors: expect.stringMatching(/phone/) })
  const test = await terminal.chasqui(['link', 'X', '--url', house.url, '--key', house.firstRun.keys.canonical])
  expect(test).toMatchObject({ code: 1, errors: 'A test workspace has simulated channels only\n' })
  const nobody = await terminal.chasqui(['link', '--url', 'http://127.0.0.1:9', '--key', key()])
  expect(nobody).toMatchObject({ code: 1, errors: 'Nobody answers at http://127.0.0.1:9: is Chasqui running?\n' })
  expect(await terminal.chasqui(['link'])).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/give a key of a live workspace with --key/),
  })
})
