import { expect, test } from 'vitest'
import { run } from './mcp-process.ts'

const NOBODY = 'http://127.0.0.1:9'
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'a test', version: '1' } },
}

test('without a key it says so in one sentence, and ends with 2', async () => {
  const { ended, words, output } = run([], { CHASQUI_URL: NOBODY })
  expect(await ended).toBe(2)
  expect(words()).toBe('chasqui-mcp: CHASQUI_API_KEY is not set: give it a key of the workspace, as in first-run.json (chq_test_…).\n')
  expect(output()).toBe('')
})

test('on stdout stands nothing but the protocol; it ends when its caller goes', async () => {
  const { child, ended, words, output } = run([], { CHASQUI_URL: NOBODY, CHASQUI_API_KEY: 'chq_test_secret' })
  const answered = new Promise<void>((done) => child.stdout?.on('data', () => output().split('\n').length > 3 && done()))
  child.stdin?.write('this is no JSON\n')
  for (const message of [
    INITIALIZE,
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 2, method: 'tools/list' },
  ])
    child.stdin?.write(`${JSON.stringify(message)}\n`)
  child.stdin?.write(
    `${JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'messages', arguments: { action: 'list' } } })}\n`,
  )
  await answered
  child.stdin?.end()
  expect(await ended).toBe(0)
  const lines = output().trim().split('\n')
  const told = lines.map((line) => JSON.parse(line))
  expect(told.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true)
  expect(told.find(({ id }) => id === 1).result.serverInfo).toMatchObject({ name: 'chasqui' })
  const why = `The Chasqui server at ${NOBODY} cannot be reached`
  expect(told.find(({ id }) => id === 2).error.message).toContain(why)
  expect(told.find(({ id }) => id === 3).result).toMatchObject({ isError: true, structuredContent: { error: { code: 'unreachable' } } })
  expect(output() + words()).not.toContain('chq_test_secret')
})

test('a port that is taken is told, and ends with 1', async () => {
  const first = run(['--http', '0'], { CHASQUI_URL: NOBODY })
  const port = await new Promise<string>((found) =>
    first.child.stderr?.on('data', () => {
      const [, taken] = /:(\d+)\/mcp/.exec(first.words()) ?? []
      if (taken) found(taken)
    }),
  )
  const second = run(['--http', port], { CHASQUI_URL: NOBODY })
  expect(await second.ended).toBe(1)
  expect(second.words()).toMatch(/^chasqui-mcp: .*EADDRINUSE.*\n$/)
  first.child.kill('SIGTERM')
  expect(await first.ended).toBe(0)
})
