import type { ParseArgsConfig } from 'node:util'
import type { Config } from '../config.ts'

export type CommandInput = {
  config: Config
  /** What was given with two dashes. */
  values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  positionals: readonly string[]
}

/** One word of the command line. To add one: a file, a line in index.ts. */
export type Command = {
  name: string
  /** How to call it, after `chasqui`. */
  usage: string
  does: string
  options: NonNullable<ParseArgsConfig['options']>
  run(input: CommandInput): Promise<void>
}

/** Tells what was wrong with a call, and how it is made. */
export const wrongCall = (command: Pick<Command, 'usage'>, why: string): Error =>
  new Error(`${why}\nUsage: npm run chasqui -- ${command.usage}`)
