import { describe, expect, test } from 'vitest'
import { firstUrl } from './link-preview.ts'
import { readPage } from './read-page.ts'

const url = 'https://shop.example/items/7?from=x'
const read = (html: string | Buffer, contentType = 'text/html; charset=utf-8') =>
  readPage({ html: Buffer.isBuffer(html) ? html : Buffer.from(html), contentType, url })

describe('a page', () => {
  test('says its Open Graph words before all others, addresses made whole', () => {
    const page = `<html><head><title>Plain</title><meta name="description" content="plain words">
      <meta property="og:title" content="Red &amp; blue&#10;  shoes"><meta property="OG:Description" content="Two colours">
      <link rel="alternate canonical" href="/items/7"><meta property="og:image" content="/red.png"></head>`
    expect(read(page)).toEqual({
      title: 'Red & blue shoes',
      description: 'Two colours',
      canonicalUrl: 'https://shop.example/items/7',
      thumbnail: 'https://shop.example/red.png',
    })
  })

  test('has its title and its own address when it says nothing else', () => {
    const nothing = { description: undefined, canonicalUrl: url, thumbnail: undefined }
    expect(read('<title>Ca<b>f</b>é &lt;3</title><svg><title>no</title></svg>')).toEqual({ ...nothing, title: 'Ca<b>f</b>é <3' })
    expect(read('')).toEqual({ ...nothing, title: undefined })
    expect(read('<meta property="og:title" content="  "><title>Second</title>').title).toBe('Second')
  })

  test('may be cut anywhere, nested deep, endless or nonsense', () => {
    expect(read('<title>Half').title).toBe('Half')
    expect(read(`<meta property="og:title" content="${'x'.repeat(100_000)}">`).title).toHaveLength(300)
    expect(read(`<title>${'😀'.repeat(200_000)}</title>`).title?.isWellFormed()).toBe(true)
    expect(read(`${'<div>'.repeat(50_000)}<title>Deep</title>`).title).toBe('Deep')
    expect(read(Buffer.from([0, 255, 60, 33, 45, 45, 0])).title).toBeUndefined()
    expect(read('<title>a\u0000b&#0;&#xD800;</title>').title).toMatch(/^a b\uFFFD\uFFFD$/)
  })

  test('is read in its charset', () => {
    expect(read(Buffer.from('<title>Caf\xe9</title>', 'latin1'), 'text/html; charset=ISO-8859-1').title).toBe('Café')
    expect(read(Buffer.from('<meta charset="windows-1252"><title>Caf\xe9</title>', 'latin1'), 'text/html').title).toBe('Café')
    expect(read('<title>Café</title>', 'text/html; charset=no-such').title).toBe('Café')
  })

  test('gives no address that is not one of the web', () => {
    const page = '<meta property="og:url" content="javascript:alert(1)"><meta property="og:image" content="data:image/png;base64,AA">'
    expect(read(page)).toMatchObject({ canonicalUrl: url, thumbnail: undefined })
    expect(read('<link rel=canonical href="http://[nonsense">').canonicalUrl).toBe(url)
  })
})

test.each([
  ['See https://a.example/x?y=1#z.', 'https://a.example/x?y=1#z'],
  ['(https://a.example/b), and https://c.example', 'https://a.example/b'],
  ['<https://a.example/>', 'https://a.example/'],
  ['HTTP://A.example!', 'HTTP://A.example'],
  ['no link: ftp://a.example', undefined],
  ['https://', undefined],
  [`https://a.example/${'x'.repeat(3_000)}`, undefined],
  [`https://a.example/${'.'.repeat(4_000)}`, 'https://a.example/'],
])('the first URL of %j', (text, found) => {
  expect(firstUrl(text)).toBe(found)
})
