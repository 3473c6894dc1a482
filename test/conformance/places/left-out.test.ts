import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FILES_LEFT_OUT, TESTS_LEFT_OUT } from './left-out.ts'

const SUITE = join(import.meta.dirname, '../blueticks-co')
const paths = readdirSync(SUITE, { recursive: true, encoding: 'utf8' })
const files = paths.flatMap((name) => (name.endsWith('.test.ts') ? [name.replace('.test.ts', '')] : []))

// whoever leaves out more has to change this as well, and be asked why
test('two files and six tests are not run over an own number; the rest is, whatever comes to it', () => {
  expect(Object.keys(FILES_LEFT_OUT)).toHaveLength(2)
  expect(Object.values(TESTS_LEFT_OUT).flatMap((tests) => Object.keys(tests))).toHaveLength(6)
})

test('everything that is left out is there', () => {
  expect(files).toEqual(expect.arrayContaining([...Object.keys(FILES_LEFT_OUT), ...Object.keys(TESTS_LEFT_OUT)]))
  const suite = paths.flatMap((path) => (path.endsWith('.ts') ? [readFileSync(join(SUITE, path), 'utf8')] : [])).join('\n')
  for (const tests of Object.values(TESTS_LEFT_OUT))
    for (const name of Object.keys(tests)) for (const title of name.split(' > ')) expect(suite).toContain(`'${title}'`)
})
