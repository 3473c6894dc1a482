import type { Command } from './command.ts'
import { doctor } from './doctor.ts'
import { emulator } from './emulator.ts'
import { keys } from './keys.ts'
import { migrateCommand } from './migrate.ts'
import { phone } from './phone.ts'
import { resume } from './resume.ts'
import { serve } from './serve.ts'

export const commands: readonly Command[] = [serve, phone, keys, migrateCommand, emulator, doctor, resume]

export const usage = (): string =>
  ['Usage: npm run chasqui -- <command>', '', ...commands.map(({ usage: how, does }) => `  ${how.padEnd(64)} ${does}`)].join('\n')
