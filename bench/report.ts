import { existsSync, readFileSync, writeFileSync } from 'node:fs'

export type Gate = { name: string; wanted: string; found: string; passed: boolean }
export type Table = { title?: string; columns: readonly string[]; rows: readonly (readonly string[])[] }
/** What a scenario found. */
export type Findings = { title: string; text: readonly string[]; tables: readonly Table[]; gates: readonly Gate[] }

export const atLeast = (
  name: string,
  found: number,
  wanted: number,
  show: (value: number) => string = (value) => value.toFixed(2),
): Gate => ({
  name,
  wanted: `at least ${show(wanted)}`,
  found: show(found),
  passed: found >= wanted,
})

export const atMost = (
  name: string,
  found: number,
  wanted: number,
  show: (value: number) => string = (value) => value.toFixed(1),
): Gate => ({
  name,
  wanted: `at most ${show(wanted)}`,
  found: show(found),
  passed: found <= wanted,
})

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function markdownTable({ title, columns, rows }: Table): string[] {
  return [...(title ? [`**${title}**`, ''] : []), line(columns), line(columns.map(() => '---')), ...rows.map(line), '']
}

const gateTable = (gates: readonly Gate[]): Table => ({
  columns: ['gate', 'wanted', 'found', ''],
  rows: gates.map(({ name, wanted, found, passed }) => [name, wanted, found, passed ? 'pass' : '**FAIL**']),
})

export function markdownOf({ title, text, tables, gates }: Findings, note: string): string {
  return [
    `## ${title}`,
    '',
    ...text.flatMap((paragraph) => [paragraph, '']),
    ...tables.flatMap(markdownTable),
    ...(gates.length > 0 ? markdownTable(gateTable(gates)) : []),
    `_${note}_`,
  ].join('\n')
}

const opening = (name: string) => `<!-- ${name} -->`
const closing = (name: string) => `<!-- end of ${name} -->`

/** Puts a section into the file of results: in the place of the one of that name, else at the end. */
export function writeSection(file: string, name: string, section: string): void {
  const text = existsSync(file)
    ? readFileSync(file, 'utf8')
    : `# Benchmarks\n\nWritten by \`npm run bench\`; how to read and repeat them: [README.md](README.md).\n`
  const block = `${opening(name)}\n${section}\n${closing(name)}`
  const [from, to] = [text.indexOf(opening(name)), text.indexOf(closing(name))]
  const fresh =
    from >= 0 && to > from ? text.slice(0, from) + block + text.slice(to + closing(name).length) : `${text.trimEnd()}\n\n${block}\n`
  writeFileSync(file, fresh)
}
