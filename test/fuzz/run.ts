import { play } from './play.ts'

const count = Number(process.env.FUZZ_COUNT ?? 200_000)
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1_000_000))

console.log(`${count} requests, FUZZ_SEED=${seed}`)
const began = performance.now()
const seconds = () => `${Math.round((performance.now() - began) / 1000)} s`
const { broken, figures } = await play({
  ...{ count, seed },
  told: ({ requests, memory, findings }) =>
    console.log(`${requests} requests, ${seconds()}, ${memory.at(-1)} MB, ${findings.length} found`),
})
console.log(JSON.stringify(figures), seconds())
console.log(broken.length === 0 ? 'nothing broke' : broken.join('\n\n'))
process.exitCode = broken.length === 0 ? 0 : 1
