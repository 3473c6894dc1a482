import { Readable } from 'node:stream'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newId } from '#kit/ids'
import { csvHeader, csvLines, readMembersCsv } from './members-csv.wire.ts'

const read = async (text: string | Buffer) => {
  const lines = []
  for await (const line of readMembersCsv(Readable.from([Buffer.from(text)]))) lines.push(line)
  return lines
}

test('the address in any column, variables in the others, empty cells are none', async () => {
  expect(await read('\ufeffname,Phone,city\r\nAna,+14155550123,"Cusco, Peru"\r\n\r\n,"+1 415 555 0124",\r\n')).toEqual([
    { line: 2, member: { to: '+14155550123', variables: { name: 'Ana', city: 'Cusco, Peru' } } },
    { line: 4, member: { to: '+1 415 555 0124', variables: {} } },
  ])
})

test('a cell over two lines, a short line, a long one, no address, a byte that is none', async () => {
  const lines = await read(
    `to,name\n+14155550123,"Ana\nMaria"\n+14155550124\n+14155550125,Bo,more\n,Cy\n+14155550126,D\0\n+14155550127,${'x'.repeat(1_025)}\n`,
  )
  expect(lines).toEqual([
    { line: 3, member: { to: '+14155550123', variables: { name: 'Ana\nMaria' } } },
    { line: 4, member: { to: '+14155550124', variables: {} } },
    { line: 5, wrong: 'has 3 columns, the first line 2' },
    { line: 6, wrong: expect.stringMatching(/^to: /) },
    { line: 7, wrong: expect.stringContaining('U+0000') },
    { line: 8, wrong: expect.stringMatching(/^variables.name: /) },
  ])
})

test.each([
  ['nothing', '', /is empty/],
  ['no address', 'name,city\nAna,Cusco\n', /call one "to"/],
  ['a variable that is none', 'to,first name\n+14155550123,Ana\n', /names a variable/],
  ['a column without a name', 'to,\n+14155550123,Ana\n', /names a variable/],
  ['the same variable twice', 'to,a,a\n', /two columns called a/],
  ['too many columns', `to,${Array.from({ length: 33 }, (_, i) => `v${i}`).join()}\n`, /over 33 columns/],
  ['a quote that is not closed', 'to,a\n+14155550123,"x\n', /[Qq]uote/],
  ['a line without an end', `to,a\n+14155550123,${'x'.repeat(70_000)}`, /max_record_size|[Rr]ecord/],
])('%s is no file of members', async (_, text, message) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(message), issues: [{ path: 'file' }] })
})

test('what goes out comes in again, and no cell begins a formula', async () => {
  const word = fc
    .oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), fc.stringMatching(/^['=+\-@][=+\-@']?[0-9A-Z(]{1,4}$/))
    .filter((text) => text.trim() === text && text !== '' && !text.includes('\0'))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ a: word, b: fc.option(word, { nil: undefined }) }), { minLength: 1, maxLength: 5 }),
      async (rows) => {
        const members = rows.map(({ a, b }, i) => ({
          id: newId(),
          address: `+141555501${10 + i}`,
          variables: { a, ...(b !== undefined && { b }) },
          addedAt: new Date(),
        }))
        const text = csvHeader(['a', 'b']) + csvLines(members, ['a', 'b'])
        for (const cell of (parse(text) as string[][]).flat()) expect(cell).not.toMatch(/^(?!\+\d+$)[=+\-@]/)
        expect(await read(text)).toMatchObject(members.map(({ address, variables }) => ({ member: { to: address, variables } })))
      },
    ),
    { numRuns: 300, examples: [[[{ a: ',-', b: '@0' }]]] },
  )
})
