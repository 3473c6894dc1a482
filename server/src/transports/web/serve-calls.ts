import type { Db } from '#kit/db'
import { reasonIn } from '#kit/errors'
import type { Logger } from '#kit/log'
import { type Calls, openCalls } from './calls.ts'
import type { Lines } from './lines.ts'
import { notConnected, type Roads } from './roads.ts'
import type { Sessions } from './sessions.ts'
import { methodOf } from './share-road.ts'

type Serving = { db: Db; log: Logger; lines: Pick<Lines, 'of'>; roads: Roads; held(): ReturnType<Sessions['held']> }

/** Does for other processes what only the holder of a session can. */
export const serveCalls = ({ db, log, lines, roads, held }: Serving): Calls =>
  openCalls({
    db,
    held: () => held().map(({ ref }) => ref),
    async run(channelId, { name, args }) {
      const live = lines.of({ id: channelId })?.live
      const method = methodOf(roads, name)
      if (!live || !method) throw notConnected()
      return method(live.channel, ...args)
    },
    failed: (error) => log.warn({ error: reasonIn(error) }, 'a call between processes failed'),
  })
