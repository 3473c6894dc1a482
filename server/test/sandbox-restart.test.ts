import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { FIRST_RUN_FILE, type FirstRun } from '../src/first-run.ts'
import { openHouse } from '../src/house.ts'
import { testDatabase } from './database.ts'
import { eventually } from './house.ts'

type Message = { id: string; state: string; attempt: number; content: Record<string, unknown> }

/** One database and data folder, and a house on them that can be closed and opened again. */
async function place() {
  const database = await testDatabase({ own: true })
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-restart-'))
  const { host, user, password, database: name } = database.address as Record<'host' | 'user' | 'password' | 'database', string> // the test server has a socket, no URL
  const config = readConfig({
    CHASQUI_DATA_DIR: dataDir,
    CHASQUI_PORT: '0',
    CHASQUI_SECRET: 'a secret of a test house, long enough',
    CHASQUI_LOG_LEVEL: 'error',
    DATABASE_URL: `postgres://${user}:${encodeURIComponent(password)}@localhost/${name}?host=${encodeURIComponent(host)}`,
  })
  onTestFinished(async () => {
    await database.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return async () => {
    const house = await openHouse(config)
    await house.listen()
    const { keys, channels }: FirstRun = JSON.parse(readFileSync(join(dataDir, FIRST_RUN_FILE), 'utf8'))
    const call = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
      const headers = { authorization: `Bearer ${keys.canonical}`, ...(body !== undefined && { 'content-type': 'application/json' }) }
      const answer = await fetch(`${house.url}/v2${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
      expect(answer.ok, `${method} ${path}`).toBe(true)
      return (await answer.json()) as Body // the test says what it expects
    }
    const reach = (id: string, state: string) =>
      eventually(async () => {
        const message = await call<Message>('GET', `/messages/${id}`)
        return message.state === state && message
      })
    return { call, reach, channels, close: () => house.close() }
  }
}

const phonePath = (phone: string) => `/simulator/phones/${encodeURIComponent(phone)}`

test('what was sent before a restart is still read after it, on both personas, once', async () => {
  const open = await place()
  const before = await open()
  const { ownNumber, cloud } = before.channels
  const phone = '+12025550171'
  await before.call('POST', `${phonePath(phone)}/messages`, { channelId: cloud.id, text: 'opens the window' })
  await eventually(async () => (await before.call<{ data: unknown[] }>('GET', '/messages?direction=in')).data.length === 1)
  const send = (channelId: string, to: string) =>
    before.call<Message>('POST', '/messages', { channelId, to, text: 'before', awaitMs: 5_000 })
  const unread = await send(ownNumber.id, '+12025550004')
  await before.reach(unread.id, 'delivered')
  // however slow this machine is, these two are not read before the restart
  for (const { id } of [ownNumber, cloud]) await before.call('POST', '/simulator/faults', { channelId: id, kind: 'withhold' })
  const sent = [await send(ownNumber.id, phone), await send(cloud.id, phone)]
  await before.close()

  const after = await open()
  for (const { id } of sent) expect(await after.reach(id, 'read')).toMatchObject({ attempt: 1 })
  const { bubbles } = await after.call<{ bubbles: { content: { text?: string }; arrivals: number }[] }>('GET', phonePath(phone))
  expect(bubbles).toMatchObject([{ content: { text: 'before' }, arrivals: 1 }])
  expect((await after.call<Message>('GET', `/messages/${unread.id}`)).state).toBe('delivered')
  // the phones have forgotten that somebody wrote; the house has not
  const again = await after.call<Message>('POST', '/messages', { channelId: cloud.id, to: phone, text: 'within the window' })
  await after.reach(again.id, 'read')
  await after.close()
})

test('a phone that answers by itself does not answer twice', async () => {
  const open = await place()
  const before = await open()
  const { id } = await before.call<Message>('POST', '/messages', {
    channelId: before.channels.ownNumber.id,
    to: '+12025550003',
    text: 'hello',
  })
  await before.reach(id, 'delivered')
  const answers = async (house: Awaited<ReturnType<typeof open>>) =>
    (await house.call<{ data: Message[] }>('GET', '/messages?direction=in')).data
  await eventually(async () => (await answers(before)).length === 1)
  await before.close()
  const after = await open()
  const last = await after.call<Message>('POST', '/messages', { channelId: after.channels.ownNumber.id, to: '+12025550172', text: 'later' })
  await after.reach(last.id, 'read') // by now an answer would have come
  expect((await answers(after)).map(({ content }) => content.text)).toEqual(['OK'])
  await after.close()
})
