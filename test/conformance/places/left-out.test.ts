import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FILES_LEFT_OUT } from './left-out.ts'

const SUITE = join(import.meta.dirname, '../blueticks-co')
const paths = readdirSync(SUITE, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))

// whoever leaves out more has to change this as well, and be asked why
test('two files and six tests are not run over an own number; the rest is, whatever comes to it', () => {
  expect(Object.keys(FILES_LEFT_OUT)).toHaveLength(2)
  const leftOut = paths.flatMap((path) => readFileSync(join(SUITE, path), 'utf8').match(/sandboxTest\(\s*'|sandboxOnly: '/g) ?? [])
  expect(leftOut).toHaveLength(6)
})

test('every file that is left out is there', () => {
  expect(paths).toEqual(expect.arrayContaining(Object.keys(FILES_LEFT_OUT).map((name) => `${name}.test.ts`)))
})
