const LOUD = ['info', 'warn', 'log', 'error'] as const
let isQuiet = false

/** libsignal prints whole sessions, private keys included, on the console: whatever comes from there is dropped. Once a process. */
export function quietSignal(): void {
  if (isQuiet) return
  isQuiet = true
  for (const word of LOUD) {
    const say = console[word].bind(console)
    console[word] = (...things: unknown[]) => {
      if (!new Error().stack?.includes('libsignal')) say(...things)
    }
  }
}
