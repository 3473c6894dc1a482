import { expect, test } from 'vitest'
import { client, fails, serve } from '#test/http-client'
import { DomainError } from './errors.ts'
import { openHttpClient } from './http-client.ts'

const CLOSED = [
  ...[
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '017700000001',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
  ],
  ...[
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
  ],
  ...['192.88.99.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', 'localhost', 'api.localhost', 'LOCALHOST'],
  ...[
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:8.8.8.8]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::1]',
    '[2002:7f00:1::]',
    '[2001::1]',
  ],
  ...['[2001:db8::1]', '[3fff::1]', '[fc00::1]', '[fd00:ec2::254]', '[fe80::1]', '[fec0::1]', '[ff02::1]', '[100::1]', '[5f00::1]'],
]
test.each(CLOSED)('%s is closed, whether written in the URL or answered by the resolver', async (host) => {
  const { check, request, close } = openHttpClient({ allowNetworks: [] })
  expect(() => check(`https://${host}/`)).toThrow(DomainError)
  await expect(request({ method: 'GET', url: `https://${host}/`, timeoutMs: 1000, maxBytes: 1 })).rejects.toMatchObject({
    reason: 'refused_url',
  })
  await close()

  const address = new URL(`https://${host}/`).hostname.replace(/^\[|\]$/g, '')
  if (/localhost/.test(address)) return
  const ask = client({ allowNetworks: [], resolve: async () => [{ address, family: address.includes(':') ? 6 : 4 }] })
  expect(await fails(ask({ url: 'https://example.com/' }))).toBe('refused_address')
})

test.each(['https://8.8.8.8/', 'https://[2606:4700::1111]/', 'https://example.com:8443/path?query'])('%s may be called', (url) => {
  const { check } = openHttpClient({ allowNetworks: [] })
  expect(() => check(url)).not.toThrow()
})

test.each([
  'http://example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'https://user:secret@example.com/',
  'https://user@example.com/',
  'not a url',
  '',
  `https://a/${'x'.repeat(3000)}`,
])('%s can never be called', async (url) => {
  const { check, request } = openHttpClient({ allowNetworks: [] })
  expect(() => check(url)).toThrow(expect.objectContaining({ code: 'invalid' }))
  await expect(request({ method: 'GET', url, timeoutMs: 1000, maxBytes: 1 })).rejects.toMatchObject({ reason: 'refused_url' })
})

test('one closed address among open ones refuses the name', async () => {
  const resolve = async () => [
    { address: '8.8.8.8', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ]
  expect(await fails(client({ resolve })({ url: 'https://example.com/' }))).toBe('refused_address')
})

test('plain http goes only to networks that the operator named', async () => {
  const resolve = async () => [{ address: '8.8.8.8', family: 4 }]
  expect(await fails(client({ resolve })({ url: 'http://example.com/' }))).toBe('refused_address')
})

test('a connection goes to the address that was checked, not to a second answer of the resolver', async () => {
  const { port } = await serve((_, response) => response.end('mine'))
  let asked = 0
  const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '10.255.255.1', family: 4 }]
  const answer = await client({ resolve })({ url: `http://rebinding.example:${port}/` })
  expect(answer.body.toString()).toBe('mine')
  expect(asked).toBe(1)
})

test('networks that are none are refused', () => {
  for (const network of ['10.0.0.0/33', 'intranet', '10.0.0.0/8/8', '10.0.0/8', 'fe80::1%eth0']) {
    expect(() => openHttpClient({ allowNetworks: [network] })).toThrow(/is no network/)
  }
})
