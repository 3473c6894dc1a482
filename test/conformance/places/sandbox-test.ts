import { inject, test } from 'vitest'

export const isSandbox = inject('place') === undefined

/** A test that makes no sense over an own number, and why: there it is not registered. */
export function sandboxTest(_why: string, name: string, body: () => Promise<void>, timeoutMs?: number): void {
  if (isSandbox) test(name, body, timeoutMs)
}
