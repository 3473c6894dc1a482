import { registerHooks } from 'node:module'

/** Loaded before main.ts: the same house, but its acceptor says yes at once and writes nothing. */
const STAND_IN = new URL('./immediate-acceptor.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const isAcceptor = specifier === './accept-messages.ts' && context.parentURL?.endsWith('/core/messages/index.ts')
    return isAcceptor ? { url: STAND_IN, shortCircuit: true } : next(specifier, context)
  },
})
