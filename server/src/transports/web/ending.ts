import type { Socket } from './library.ts'

/** How a connection stands, and its end. */
export interface Ending {
  readonly isOpen: boolean
  readonly isOver: boolean
  readonly closed: Promise<number | undefined>
  /** Resolves when it is open, or will never be. */
  readonly settled: Promise<void>
  opened(): void
  /** It has ended, with this number. */
  end(code: number | undefined): void
  /** Ends it at once, without a word to the network. */
  cut(code?: number): void
}

/** Between the ack of a login and the end of what was missed. */
const OPEN_WITHIN_MS = 30_000

/** `isLogin`: it must be open soon; who shows a QR waits for somebody to scan it. */
export function openEnding(socket: Socket, { isLogin, ended }: { isLogin: boolean; ended(): void }): Ending {
  const { promise: closed, resolve } = Promise.withResolvers<number | undefined>()
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>()
  let stands: 'beginning' | 'open' | 'over' = 'beginning'
  const end = (code: number | undefined) => {
    if (stands === 'over') return
    stands = 'over'
    clearTimeout(overdue)
    ended()
    settle()
    resolve(code)
  }
  const cut = (code?: number) => {
    if (stands === 'over') return
    end(code)
    // the library's own end waits for the other side to say goodbye, which a dead one never does
    const hidden = socket.ws as unknown as { socket?: { terminate?(): void } | null } // a field of its own that it keeps to itself
    hidden.socket?.terminate?.()
    socket.ws.emit('close') // whoever waits for an answer hears that none comes; the library's end would forget to tell them
    void Promise.resolve(socket.end(undefined)).catch(() => undefined)
  }
  const overdue = isLogin ? setTimeout(() => cut(408), OPEN_WITHIN_MS).unref() : undefined
  return {
    closed,
    settled,
    get isOpen() {
      return stands === 'open'
    },
    get isOver() {
      return stands === 'over'
    },
    opened() {
      if (stands !== 'beginning') return
      stands = 'open'
      settle()
      clearTimeout(overdue)
    },
    end,
    cut,
  }
}
