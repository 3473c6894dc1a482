import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanFilename } from './clean-filename.ts'
import { sniffType } from './sniff-type.ts'

const bytes = (text: string, more = '') => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(more), Buffer.alloc(64)])
const ftyp = (brand: string) => bytes(`\0\0\0\x18ftyp${brand}\0\0\0\0`)
const zip = (member: string) => bytes('PK\x03\x04\x14\0\0\0\0\0', member)
const OFFICE = 'application/vnd.openxmlformats-officedocument'

const FILES: [string, Buffer][] = [
  ['image/jpeg', bytes('\xff\xd8\xff\xe0\0\x10JFIF')],
  ['image/png', bytes('\x89PNG\r\n\x1a\n')],
  ['image/gif', bytes('GIF89a')],
  ['image/webp', bytes('RIFF\x10\0\0\0WEBPVP8 ')],
  ['application/pdf', bytes('%PDF-1.7\n%\xe2\xe3')],
  ['application/pdf', bytes('\xef\xbb\xbf\n\n%PDF-1.4')],
  [`${OFFICE}.wordprocessingml.document`, zip('word/document.xml')],
  [`${OFFICE}.spreadsheetml.sheet`, zip('xl/workbook.xml')],
  [`${OFFICE}.presentationml.presentation`, zip('ppt/presentation.xml')],
  ['application/zip', zip('readme')],
  ['audio/wav', bytes('RIFF\x10\0\0\0WAVEfmt ')],
  ['audio/mpeg', bytes('ID3\x04\0')],
  ['audio/mpeg', bytes('\xff\xfb\x90\x64')],
  ['audio/aac', bytes('\xff\xf1\x50\x80')],
  ['audio/ogg', bytes('OggS\0\x02', 'OpusHead')],
  ['video/ogg', bytes('OggS\0\x02\x80theora')],
  ['audio/amr', bytes('#!AMR\n')],
  ['audio/mp4', ftyp('M4A ')],
  ['video/mp4', ftyp('isom')],
  ['video/3gpp', ftyp('3gp5')],
  ['video/quicktime', ftyp('qt  ')],
  ['image/heic', ftyp('heic')],
  ['video/webm', bytes('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm')],
  ['text/plain', Buffer.from('Hello, w\u00f6rld\n')],
]

describe('by content', () => {
  test.each(FILES)('%s', (type, file) => {
    expect(sniffType(file, {})).toBe(type)
    expect(sniffType(file, { mimeType: 'application/octet-stream' })).toBe(type)
    // what a file was called does not matter where its bytes speak
    if (type !== 'text/plain') expect(sniffType(file, { mimeType: 'text/html', filename: 'x.html' })).toBe(type)
    expect(sniffType(file, { mimeType: 'image/bmp', filename: 'x.doc' })).toBe(type)
  })
})

describe('what the bytes leave open, the name decides', () => {
  const ole = bytes('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')
  test.each([
    [ole, { filename: 'a.doc' }, 'application/msword'],
    [ole, { filename: 'a.XLS' }, 'application/vnd.ms-excel'],
    [ole, { mimeType: 'application/vnd.ms-powerpoint' }, 'application/vnd.ms-powerpoint'],
    [zip('x'), { mimeType: 'application/vnd.oasis.opendocument.text' }, 'application/vnd.oasis.opendocument.text'],
    [zip('x'), { mimeType: 'image/png' }, 'application/zip'],
    [ftyp('isom'), { mimeType: 'audio/x-m4a' }, 'audio/mp4'],
    [ftyp('isom'), { mimeType: 'audio/mp3' }, 'video/mp4'],
    [bytes('OggS', 'OpusHead'), { mimeType: 'audio/ogg; codecs=opus' }, 'audio/ogg'],
    [Buffer.from('a,b'), { mimeType: 'text/csv; charset=utf-8' }, 'text/csv'],
    [Buffer.from('a,b'), { filename: 'a.csv' }, 'text/csv'],
    [Buffer.from('{}'), { mimeType: 'application/json' }, 'application/json'],
    [Buffer.from('hello'), { mimeType: 'image/png' }, 'text/plain'],
    [Buffer.from('hello'), { mimeType: 'constructor' }, 'text/plain'],
    [Buffer.from([0, 1, 2, 255]), {}, 'application/octet-stream'],
    [Buffer.from([0, 1, 2, 255]), { mimeType: 'image/png' }, 'application/octet-stream'],
    [Buffer.from([0, 1, 2, 255]), { mimeType: 'text/html' }, 'application/octet-stream'],
    [Buffer.from([0, 1, 2, 255]), { mimeType: 'application/x-sqlite3' }, 'application/x-sqlite3'],
  ])('%# %j', (file, claims, type) => expect(sniffType(file, claims)).toBe(type))

  test('a letter cut in two at the end of the look does not make a text binary', () => {
    expect(sniffType(Buffer.from(`${'a'.repeat(65_535)}\u00f6`), {})).toBe('text/plain')
  })
})

test('any bytes under any name have a type and a clean name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.string({ unit: 'binary' }), (file, mimeType, filename) => {
      expect(sniffType(Buffer.from(file), { mimeType, filename })).toMatch(/^[a-z]+\/[\w.+-]+$/)
      const clean = cleanFilename(filename)
      if (clean === undefined) return
      expect(clean).not.toMatch(/[/\\]|^\.+$/)
      expect(clean.length).toBeLessThanOrEqual(255)
      expect(cleanFilename(clean)).toBe(clean)
    }),
    { numRuns: 2_000 },
  )
  expect(cleanFilename(`${'x'.repeat(400)}.pdf`)).toHaveLength(255)
  expect(cleanFilename(`${'x'.repeat(400)}.pdf`)).toMatch(/x\.pdf$/)
  expect(cleanFilename('C:\\fake\\..\\r\u00e9sum\u00e9.pdf')).toBe('r\u00e9sum\u00e9.pdf')
})
