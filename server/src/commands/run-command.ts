import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { type Command, wrongCall } from './command.ts'
import { doctor } from './doctor.ts'
import { emulator } from './emulator.ts'
import { hold } from './hold.ts'
import { keys } from './keys.ts'
import { link } from './link.ts'
import { migrateCommand } from './migrate.ts'
import { phone } from './phone.ts'
import { plan } from './plan.ts'
import { resume } from './resume.ts'
import { serve } from './serve.ts'

const commands: readonly Command[] = [serve, phone, link, keys, plan, emulator, doctor, migrateCommand, hold, resume]
const HELP = new Set(['help', '--help', '-h'])

/** Runs one command line. What goes wrong is told in words for people, without a stack, and ends the process with 1; an unknown command with 2. */
export async function runCommand([name = 'help', ...rest]: readonly string[]): Promise<void> {
  const command = commands.find((one) => one.name === name)
  if (HELP.has(name)) return console.log(usage())
  if (!command) {
    console.error(`There is no command ${name}.\n\n${usage()}`)
    process.exitCode = 2
    return
  }
  if (rest.some((word) => HELP.has(word))) return console.log(helpOf(command))
  try {
    await command.run({ config: readConfig(process.env), ...parse(command, rest) })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

function parse(command: Command, args: string[]) {
  try {
    return parseArgs({ args, options: command.options, allowPositionals: true })
  } catch (error) {
    throw wrongCall(command, (error as Error).message) // parseArgs throws TypeErrors with a sentence each
  }
}

const helpOf = ({ usage: how, does }: Command): string => `${does}.\n\nUsage: npm run chasqui -- ${how}`

function usage(): string {
  const lines = commands.flatMap(({ usage: how, does }) => [`  ${how}`, `      ${does}`])
  return ['Usage: npm run chasqui -- <command>', '', ...lines, '', 'The settings are environment variables: see README.md.'].join('\n')
}
