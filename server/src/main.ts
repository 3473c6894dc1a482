import { readConfig } from './config.ts'
import { runHouse } from './house.ts'

await runHouse(readConfig(process.env))
