import type { Socket } from './library.ts'

type Listener = (...args: unknown[]) => unknown

/** The frames themselves, as they come. */
const FRAMES = 'message'

type Failing = {
  failed(error: unknown): void
  /** A frame could not be opened: none after it can be. */
  broken(): void
}

/**
 * Catches what the library's own listeners throw. Most are asynchronous and nobody waits for them: a refusal by the network, or an end of the
 * connection in the middle of a question, would end this process with every number in it.
 */
export function guardSocket({ ws, ev }: Socket, { failed, broken }: Failing): void {
  for (const name of ws.eventNames()) {
    const theirs = ws.listeners(name) as Listener[] // an emitter does not know what its listeners take
    ws.removeAllListeners(name)
    const caught = (error: unknown) => {
      failed(error)
      if (name === FRAMES) broken()
    }
    for (const listener of theirs) ws.on(name, guarded(listener, caught))
  }
  ev.removeAllListeners('call') // makes a message of a missed call, which nobody hears
}

const guarded =
  (listener: Listener, failed: (error: unknown) => void): Listener =>
  (...args) => {
    try {
      const done = listener(...args)
      if (done instanceof Promise) done.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
