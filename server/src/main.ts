import { readConfig } from './config.ts'
import { type House, openHouse } from './house.ts'

// before the house opens: a signal during the start must find somebody who listens
let house: House | undefined
let closing: Promise<void> | undefined
const close = () => {
  closing ??= (async () => {
    await house?.close()
    process.exit(0)
  })().catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
}
process.on('SIGTERM', close)
process.on('SIGINT', close)

try {
  house = await openHouse(readConfig(process.env))
  await house.listen()
  console.log(house.welcome())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
