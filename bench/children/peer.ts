import { answerCalls } from '../calls.ts'
import { PEERS, type PeerName } from '../peers/kinds.ts'
import { IN_FLIGHT, type Job, type Peer, type PeerPlace } from '../peers/peer.ts'
import { openPost, type Target } from '../peers/post.ts'

export type PeerCall = { name: PeerName; place: PeerPlace; target: Target }

/** One peer in a process of its own: jobs in, handlers posting to the emulator, seconds out. */
const CHUNK = 1_000
const LOOK_EVERY_MS = 5

let peer: Peer | undefined
let client: ReturnType<typeof openPost> | undefined
let handled = 0
let started = false

const it = () => {
  if (!peer || !client) throw new Error('the peer is not open')
  return { peer, client }
}

answerCalls({
  async open({ name, place, target }: PeerCall) {
    peer = await PEERS[name].open(place)
    client = openPost(target, Math.max(IN_FLIGHT, 100))
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, i) => client?.post(`warm-${process.pid}-${i}`)))
  },
  async add(jobs: Job[]) {
    for (let from = 0; from < jobs.length; from += CHUNK) await it().peer.add(jobs.slice(from, from + CHUNK))
  },
  /** Runs until `count` jobs were handled and none is left unmarked; answers seconds. */
  async run(count: number) {
    const begun = performance.now()
    handled = 0
    if (!started) await it().peer.start(handle)
    started = true
    while (handled < count) await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
    while ((await it().peer.left()) > 0) await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
    return { seconds: (performance.now() - begun) / 1000, handled }
  },
  /** Takes jobs as they become due, to the end of the process. */
  async start() {
    if (!started) await it().peer.start(handle)
    started = true
  },
  async close() {
    await peer?.close()
    await client?.close()
  },
})

async function handle(callbackData: string): Promise<void> {
  await it().client.post(callbackData)
  handled++
}
