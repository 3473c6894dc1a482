import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { examineMachine } from './examine-machine.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-doctor-'))
afterAll(() => rmSync(dataDir, { recursive: true }))

const socketOf = (env: Record<string, string>, ownNumbers: boolean) =>
  examineMachine(readConfig(env), { dataDir, ownNumbers }).filter(({ what }) => what.includes('own numbers connect'))

test('own numbers that lead to a simulated server are told', () => {
  const simulated = { CHASQUI_WEB_SOCKET_URL: 'ws://127.0.0.1:4010/ws/chat' }
  expect(socketOf({}, true)).toMatchObject([{ ok: true, what: 'own numbers connect to web.whatsapp.com' }])
  expect(socketOf(simulated, true)).toMatchObject([{ ok: false, advice: expect.stringContaining('CHASQUI_WEB_SOCKET_URL') }])
  expect(socketOf(simulated, false)).toEqual([])
})
