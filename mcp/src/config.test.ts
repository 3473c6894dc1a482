import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const KEY = { CHASQUI_API_KEY: 'chq_test_key' }

test('over stdio it needs a key, and finds the server at its usual place', () => {
  expect(readConfig([], KEY)).toEqual({ url: 'http://127.0.0.1:3000', tools: undefined, serve: { over: 'stdio', key: 'chq_test_key' } })
  expect(readConfig(['--tools', 'messages, contacts'], { ...KEY, CHASQUI_URL: 'https://chat.example.com/' })).toMatchObject({
    url: 'https://chat.example.com',
    tools: ['messages', 'contacts'],
  })
})

test('over HTTP it takes no key of its own', () => {
  expect(readConfig(['--http'], KEY)?.serve).toEqual({
    over: 'http',
    host: '127.0.0.1',
    port: 3100,
    hostnames: ['127.0.0.1', '[::1]', 'localhost'],
  })
  expect(readConfig(['--http', '8080', '--host', '0.0.0.0', '--allow-host', 'mcp.example.com'], {})?.serve).toMatchObject({
    host: '0.0.0.0',
    port: 8080,
    hostnames: expect.arrayContaining(['mcp.example.com']),
  })
})

test.each([
  [[], {}, /CHASQUI_API_KEY is not set/],
  [[], { CHASQUI_API_KEY: 'a secret\nkey' }, /is not a key/],
  [[], { ...KEY, CHASQUI_URL: 'localhost:3000' }, /CHASQUI_URL is not/],
  [[], { ...KEY, CHASQUI_URL: 'http://me:secret@localhost' }, /without user/],
  [['3000'], KEY, /Only --http takes/],
  [['--http', '70000'], {}, /one port/],
  [['--http', '1', '2'], {}, /one port/],
  [['--http', '--host', '0.0.0.0'], {}, /--allow-host/],
  [['--nonsense'], KEY, /Usage/],
  [['--tools', ','], KEY, /--tools takes/],
])('%j is refused in one sentence that shows no secret', (args, environment, words) => {
  expect(() => readConfig(args, environment)).toThrow(words)
  try {
    readConfig(args, environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).not.toMatch(/secret/)
  }
})

test('help is no error', () => {
  expect(readConfig(['--help'], {})).toBeUndefined()
})
