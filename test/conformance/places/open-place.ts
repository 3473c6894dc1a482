import { inject } from 'vitest'
import { openOwnNumber } from './own-number.ts'
import type { Place } from './place.ts'
import { openSandbox } from './sandbox.ts'

/** The place that this run of the suite is about: the same tests, over another road. */
export const openPlace = (): Promise<Place> => (inject('place') === 'own number' ? openOwnNumber() : openSandbox())
