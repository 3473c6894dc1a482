// Draws the imports of the code into ARCHITECTURE.md and README.md, between their markers; `--check` fails when a drawing is stale.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const ROOMS = '^server/src/(core|dialects|transports|http|kit|dispatch|simulator|commands)'
const NOUNS = '^server/src/(core|dialects|transports)/[^/]+|^server/src/(http|kit|dispatch|simulator|commands)'
const pictures = [
  { file: 'README.md', collapse: ROOMS, only: '^server/src/(main[.]ts|house[.]ts|core|dialects|transports|http|kit|dispatch|simulator)' },
  { file: 'ARCHITECTURE.md', collapse: NOUNS, only: '^server/src/(core|kit)/' },
]
const START = '<!-- picture: npm run picture -->'
const END = '<!-- end of picture -->'

const draw = ({ collapse, only }) => {
  const run = spawnSync(
    'depcruise',
    [
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'mermaid',
      '--include-only',
      only,
      '--exclude',
      '[.]test[.]ts$',
      '--collapse',
      collapse,
      'server/src',
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  if (run.status !== 0 || !run.stdout) throw new Error(run.stderr || 'nothing was drawn')
  return `${START}\n\`\`\`mermaid\n${run.stdout.trim()}\n\`\`\`\n${END}`
}

let stale = false
for (const picture of pictures) {
  const text = readFileSync(picture.file, 'utf8')
  const [start, end] = [text.indexOf(START), text.indexOf(END)]
  if (start < 0 || end < start) throw new Error(`${picture.file} has no place for its picture`)
  const fresh = text.slice(0, start) + draw(picture) + text.slice(end + END.length)
  if (fresh === text) continue
  stale = true
  if (process.argv.includes('--check')) console.error(`the picture in ${picture.file} is stale: npm run picture`)
  else writeFileSync(picture.file, fresh)
}
process.exit(stale && process.argv.includes('--check') ? 1 : 0)
