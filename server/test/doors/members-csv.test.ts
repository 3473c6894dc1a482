import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Doors, openDoors, type Tenant } from './doors.ts'

let database: TestDatabase
let doors: Doors
let tenant: Tenant
beforeAll(async () => {
  database = await testDatabase()
  doors = await openDoors(database)
  tenant = await doors.tenant()
})
afterAll(async () => {
  await doors.close()
  await database.close()
})

const csv = { 'content-type': 'text/csv' }
const make = async () => {
  const { body } = await doors.ask({ path: '/v2/audiences', key: tenant.key, body: { name: 'Süd & Söhne' } })
  return `/v2/audiences/${(body as { id: string }).id}`
}
const send = (path: string, raw: string, headers: Record<string, string> = {}) =>
  doors.ask({ method: 'POST', path: `${path}/import`, key: tenant.key, raw, headers: { ...csv, ...headers } })

test('a file is added line by line, wrong lines are told, and sent again it adds nobody', async () => {
  const path = await make()
  const people = Array.from({ length: 450 }, (_, i) => `+1415555${1_000 + i},"N ${i}"`)
  people[3] = 'nobody,N'
  people[299] = '+14155551000,again'
  const file = `phone,name\n${people.join('\n')}\n`
  expect(await send(path, file)).toMatchObject({
    status: 200,
    body: { added: 448, skipped: 1, wrong: 1, memberCount: 448, errors: [{ line: 5, message: 'to: is not a phone number' }] },
  })
  expect(await send(path, file)).toMatchObject({ status: 200, body: { added: 0, skipped: 449, wrong: 1, memberCount: 448 } })
})

test('what is exported can be imported elsewhere', async () => {
  const path = await make()
  await send(path, `to,name,note\n+14155550123,"Ana ""A""",=1+1\n120363000000000001@g.us,,"two\nlines"\n`)
  const exported = await doors.ask({ path: `${path}/export`, key: tenant.key })
  expect(exported.status).toBe(200)
  expect(exported.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(exported.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''S%C3%BCd%20%26%20S%C3%B6hne.csv")
  expect(exported.text).toBe(`to,name,note\n+14155550123,"Ana ""A""",'=1+1\n120363000000000001@g.us,,"two\nlines"\n`)
  const other = await make()
  expect(await send(other, exported.text)).toMatchObject({ body: { added: 2, wrong: 0 } })
  expect((await doors.ask({ path: `${other}/export`, key: tenant.key })).text).toBe(exported.text)
})

test('an Idempotency-Key stands for the file', async () => {
  const path = await make()
  const headers = { 'idempotency-key': `csv-${path}` }
  const first = await send(path, 'to\n+14155550123\n', headers)
  expect(first).toMatchObject({ status: 200, body: { added: 1 } })
  const again = await send(path, 'to\n+14155550123\n', headers)
  expect(again.body).toEqual(first.body)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(await send(path, 'to\n+14155550124\n', headers)).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
})

test('what is no such file is refused, and says what was added before', async () => {
  const path = await make()
  expect(await send(path, 'name\nAna\n')).toMatchObject({ status: 422, body: { code: 'invalid', errors: [{ path: 'file' }] } })
  expect(await send(path, '')).toMatchObject({ status: 422, body: { code: 'invalid' } })
  const broken = `to,name\n${Array.from({ length: 250 }, (_, i) => `+1415555${1_000 + i},x`).join('\n')}\n+14155559999,"x\n`
  expect(await send(path, broken)).toMatchObject({ status: 422, body: { detail: expect.stringContaining('200 people') } })
  const asJson = await doors.ask({ method: 'POST', path: `${path}/import`, key: tenant.key, body: { to: '+14155550123' } })
  expect(asJson).toMatchObject({ status: 415, body: { code: 'unsupported_media' } })
  expect(await doors.ask({ method: 'POST', path: '/v2/audiences', key: tenant.key, raw: 'name\nx\n', headers: csv })).toMatchObject({
    status: 415,
  })
  const { status } = await doors.ask({ method: 'POST', path: `${path}/import`, raw: 'to\n+14155550123\n', headers: csv })
  expect(status).toBe(401)
})
