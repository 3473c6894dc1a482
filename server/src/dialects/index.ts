import { blueticksCo } from './blueticks-co/index.ts'
import { canonical } from './canonical/index.ts'
import type { Dialect } from './dialect.ts'

/** The doors, ours first: a path that belongs to none is answered in its voice. */
export const dialects: readonly Dialect[] = [canonical, blueticksCo]
