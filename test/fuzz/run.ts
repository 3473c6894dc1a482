import { findUnrest } from './aftermath.ts'
import { fuzz } from './fuzz.ts'
import { openStage } from './stage.ts'

const count = Number(process.env.FUZZ_COUNT ?? 200_000)
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1_000_000))

console.log(`${count} requests, FUZZ_SEED=${seed}`)
const began = performance.now()
const stage = await openStage()
try {
  const { findings, untouched, ...figures } = await fuzz(stage, { count, seed })
  console.log(JSON.stringify(figures), `${Math.round((performance.now() - began) / 1000)} s`)
  for (const name of untouched) console.log(`never a success: ${name}`)
  for (const { operation, fault, curl, seed: own } of findings)
    console.log(`\nFOUND ${operation}: ${fault}\n  ${curl.slice(0, 4_000)}\n  FUZZ_SEED=${own}`)
  const unrest = await findUnrest(stage)
  for (const line of unrest) console.log(`\nAFTERWARDS ${line}`)
  process.exitCode = findings.length + unrest.length > 0 ? 1 : 0
  if (process.exitCode === 0) console.log('nothing broke')
} finally {
  await stage.close()
}
