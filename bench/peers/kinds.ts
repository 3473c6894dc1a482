import { type BossSettings, openBoss } from './boss.ts'
import { type BullSettings, openBullmq } from './bullmq.ts'
import { type GraphileSettings, openGraphile } from './graphile.ts'
import type { Peer, PeerPlace } from './peer.ts'

const graphile = (settings: GraphileSettings) => (place: PeerPlace) => openGraphile(place, settings)
const boss = (settings: BossSettings) => (place: PeerPlace) => openBoss(place, settings)
const bull = (settings: BullSettings) => (place: PeerPlace) => openBullmq(place, settings)

const PG_WRITES = 'inserts a row, updates it (locked), '

/** Every peer as it is set here; `writes`: for each job. */
export const PEERS = {
  graphile: {
    title: 'graphile-worker, localQueue 500, completion batched',
    writes: `${PG_WRITES}deletes it`,
    open: graphile({ localQueue: 500, completeBatched: true, pollMs: 100 }),
  },
  graphilePlain: {
    title: 'graphile-worker, as it comes, concurrency 64',
    writes: `${PG_WRITES}deletes it, each in a commit of its own`,
    open: graphile({ localQueue: undefined, completeBatched: false, pollMs: 2_000 }),
  },
  bossFetch: {
    title: 'pg-boss, loops of fetch and complete, 2 x 1,000',
    writes: `${PG_WRITES}updates it (completed, kept for days)`,
    open: boss({ by: 'fetch', batch: 1_000, loops: 2 }),
  },
  bossWork: {
    title: 'pg-boss, work(), 4 x 500, burstWhenBatchFull',
    writes: `${PG_WRITES}updates it (completed, kept for days)`,
    open: boss({ by: 'work', batch: 500, loops: 4 }),
  },
  bullEverysec: {
    title: 'BullMQ, appendfsync everysec, concurrency 100',
    writes: 'a hash and a list entry, moved twice, removed; the disk is up to a second behind',
    open: bull({ concurrency: 100 }),
  },
  bullAlways: {
    title: 'BullMQ, appendfsync always, concurrency 100',
    writes: 'a hash and a list entry, moved twice, removed; synced before each answer',
    open: bull({ concurrency: 100 }),
  },
  graphileQuick: {
    title: 'graphile-worker, poll every 100 ms, localQueue 100',
    writes: '',
    open: graphile({ localQueue: 100, completeBatched: true, pollMs: 100 }),
  },
  graphileFastest: {
    title: 'graphile-worker, poll every 10 ms, localQueue 100',
    writes: '',
    open: graphile({ localQueue: 100, completeBatched: true, pollMs: 10 }),
  },
  bossQuick: {
    title: 'pg-boss, fetch every 5 ms when idle',
    writes: '',
    open: boss({ by: 'fetch', batch: 100, loops: 1 }),
  },
} satisfies Record<string, { title: string; writes: string; open(place: PeerPlace): Promise<Peer> }>

export type PeerName = keyof typeof PEERS
