import type { Logger } from '#kit/log'

/** As much of a logger as the library asks for. */
type LibraryLogger = {
  level: string
  child(): LibraryLogger
  trace(thing: unknown, words?: string): void
  debug(thing: unknown, words?: string): void
  info(thing: unknown, words?: string): void
  warn(thing: unknown, words?: string): void
  error(thing: unknown, words?: string): void
}

/** What the library logs, without the things it hands along: keys, numbers and texts are among them. Its errors are told only where somebody asked for details. */
export function quietLogger(log: Logger, channelId: string): LibraryLogger {
  const say = (thing: unknown, words?: string) => log.debug({ channelId }, typeof words === 'string' ? words : wordsOf(thing))
  const nothing = () => undefined
  const logger: LibraryLogger = { level: 'warn', child: () => logger, trace: nothing, debug: nothing, info: nothing, warn: say, error: say }
  return logger
}

const wordsOf = (thing: unknown) => (typeof thing === 'string' && thing.length < 100 ? thing : 'the library said something')
