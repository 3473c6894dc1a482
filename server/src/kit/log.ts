import { destination, type Logger, pino } from 'pino'

export type { Logger }

/** Paths that may hold a secret or a person's words; they never reach a log line. */
const SECRET_PATHS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'headers.authorization',
  'authorization',
  'apiKey',
  'apiToken',
  'accessToken',
  'appSecret',
  'secret',
  'password',
  'token',
  '*.apiKey',
  '*.apiToken',
  '*.accessToken',
  '*.appSecret',
  '*.secret',
  '*.password',
  '*.token',
]

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** JSON lines on `file` (standard error when absent). */
export function openLog(level: LogLevel, file?: string): Logger {
  const target = file ? destination({ dest: file, append: true, mkdir: true, sync: false }) : destination({ dest: 2, sync: false })
  return pino(
    {
      level,
      serializers: { error: errorWords },
      redact: { paths: SECRET_PATHS, censor: '[secret]' },
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    target,
  )
}

/** What an error says of itself; not what a database adds to it, for that may be a row. */
function errorWords(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack, code } = error as Error & { code?: unknown }
  return { type: name, message, stack, ...(typeof code === 'string' && { code }) }
}
