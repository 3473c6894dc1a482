import type { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { stringify } from 'csv-stringify/sync'
import { type Member, MemberInput } from '#core/audiences'
import { DomainError, type Issue, invalidField } from '#kit/errors'

/** Headers, whatever their case, of the column with the address. */
const ADDRESS = new Set(['to', 'phone', 'number', 'mobile', 'whatsapp'])
const RECORD_BYTES_MOST = 64 * 1024
const COLUMNS_MOST = 33

/** One line of the file: somebody, or what is wrong with him. */
export type CsvLine = { line: number } & ({ member: MemberInput } | { wrong: string })

type Column = { at: number; name: string }
type Record = { record: string[]; info: { lines: number } }

/** The people of a CSV file whose first line names the columns: the address, and a variable in each of the others; an empty cell is no variable. Throws `invalid` when it is no such file. */
export async function* readMembersCsv(file: Readable): AsyncGenerator<CsvLine> {
  const records = file.pipe(
    parse({
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: RECORD_BYTES_MOST,
    }),
  )
  file.on('error', (error) => records.destroy(error))
  let columns: { address: number; variables: Column[] } | undefined
  try {
    for await (const { record, info } of records as AsyncIterable<Record>) {
      if (columns) yield { line: info.lines, ...memberOf(record, columns) }
      else columns = readHeader(record)
    }
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_') ? invalidField('file', error.message) : error
  }
  if (!columns) throw invalidField('file', 'is empty: its first line names the columns, one of them "to"')
}

function readHeader(header: readonly string[]): { address: number; variables: Column[] } {
  const address = header.findIndex((name) => ADDRESS.has(name.toLowerCase()))
  if (address === -1)
    throw invalidField('file', `names no column with the address: call one "to" (the first line is ${header.join(', ').slice(0, 200)})`)
  if (header.length > COLUMNS_MOST) throw invalidField('file', `has over ${COLUMNS_MOST} columns`)
  const variables = header.flatMap((name, at) => (at === address ? [] : [{ at, name }]))
  const twice = variables.find(({ name }, i) => variables.findIndex((other) => other.name === name) !== i)
  if (twice) throw invalidField('file', `has two columns called ${twice.name}`)
  const named = MemberInput.shape.variables.safeParse(Object.fromEntries(variables.map(({ name }) => [name, ''])))
  if (!named.success)
    throw new DomainError('invalid', 'The first line names a variable that is none', {
      issues: named.error.issues.map(
        (issue): Issue => ({ path: 'file', code: issue.code, message: `column ${String(issue.path[0])}: ${issue.message}` }),
      ),
    })
  return { address, variables }
}

function memberOf(record: readonly string[], { address, variables }: { address: number; variables: Column[] }) {
  if (record.length > variables.length + 1) return { wrong: `has ${record.length} columns, the first line ${variables.length + 1}` }
  const cells = record.map(plain)
  if (cells.some((cell) => cell.includes('\0'))) return { wrong: 'holds the character U+0000' }
  const words = variables.flatMap(({ at, name }) => (cells[at] ? [[name, cells[at]]] : []))
  const read = MemberInput.safeParse({ to: cells[address] ?? '', variables: Object.fromEntries(words) })
  return read.success
    ? { member: read.data }
    : { wrong: read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') }
}

/** What a spreadsheet would take for a formula, with apostrophes before it or none; a phone number with its plus is none. */
const FORMULA = /^'*(?![+]\d+$)[=+\-@\t\r]/

const harmless = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell)
/** What `harmless` put before it is taken off again. */
const plain = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell)

/** Lines of a CSV file that no spreadsheet takes for formulas. */
export const csvLines = (members: readonly Member[], names: readonly string[]): string =>
  stringify(members.map(({ address, variables }) => [address, ...names.map((name) => variables[name] ?? '')].map(harmless)))

export const csvHeader = (names: readonly string[]): string => stringify([['to', ...names]])
