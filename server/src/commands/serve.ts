import { flushCompileCache } from 'node:module'
import type { Config } from '../config.ts'
import type { House } from '../house.ts'
import type { Command } from './command.ts'

export const serve: Command = {
  name: 'serve',
  usage: 'serve',
  does: 'Run the platform (what npm start does)',
  options: {},
  run: ({ config }) => runHouse(config),
}

/** Opens the house and keeps it open until it is told to stop; a signal that comes during the start is obeyed as well. */
async function runHouse(config: Config): Promise<void> {
  const opening = openListening(config)
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= opening
      .then((house) => house.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error instanceof Error ? error.message : error)
          process.exit(1)
        },
      )
  }
  process.on('SIGTERM', close)
  process.on('SIGINT', close)
  const house = await opening
  if (!closing) console.log(house.welcome())
  flushCompileCache() // a killed process would not write it
}

async function openListening(config: Config): Promise<House> {
  const { openHouse } = await import('../house.ts') // the other commands stand on the foundation alone
  const house = await openHouse(config)
  try {
    await house.listen()
    return house
  } catch (error) {
    await house.close() // else its PostgreSQL would go on without it
    throw isListenError(error) ? new Error(listenWords(config, error)) : error
  }
}

const isListenError = (error: unknown): error is NodeJS.ErrnoException => (error as NodeJS.ErrnoException | null)?.syscall === 'listen'

function listenWords({ host, port }: Config, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${host} is in use by another program: stop that one, or choose another with CHASQUI_PORT.`
  if (code === 'EADDRNOTAVAIL') return `${host} is no address of this machine: set CHASQUI_HOST to one that is, or to 0.0.0.0.`
  if (code === 'EACCES') return `This user may not listen on port ${port}: choose one from 1024 on with CHASQUI_PORT.`
  return `Cannot listen on ${host}:${port}: ${message}`
}
