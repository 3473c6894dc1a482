import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect } from 'vitest'
import { createChannel, getChannel, getChannelLink } from '#core/channels'
import { appendEvents } from '#core/events'
import type { Incoming } from '#core/transport'
import type { Context } from '#kit/context'
import type { Db } from '#kit/db'
import { executorOf, sendStatement } from '#kit/db-statements'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { createNetwork } from '../../src/simulator/index.ts'
import { createWebServer, type WebServer } from '../../src/simulator/web/index.ts'
import type { Connection } from '../../src/transports/web/connection.ts'
import { openSessions, type Sessions } from '../../src/transports/web/sessions.ts'
import { openWebVersion } from '../../src/transports/web/web-version.ts'
import { testSecretBox, testWorkspace } from '../context.ts'
import type { TestDatabase } from '../database.ts'
import { eventually } from '../house.ts'

/** One process that may hold sessions; what it keeps and takes is noted. */
export type Node = {
  sessions: Sessions
  kept: { channelId: string; body: Buffer }[]
  taken: Incoming[]
  connections: Connection[]
  /** It cannot keep what it receives. */
  isForgetful: boolean
  /** The database does not answer this process any more, until it is thawed. */
  freeze(frozen?: boolean): void
  /** Resolves when the process has asked the database so often more; one that holds nothing only looks for numbers. */
  looks(times: number): Promise<unknown>
  close(): Promise<void>
}

export async function openStage(test: TestDatabase) {
  const network = createNetwork({})
  const server: WebServer = createWebServer({ network })
  const { socketUrl, ca } = await server.listen()
  setDefaultCACertificates([...getCACertificates('default'), ca])
  let number = 10_000_100 // the last four digits 0000 to 0009 mean something
  const nodes: Node[] = []

  const openNode = (): Node => {
    const version = openWebVersion(socketUrl)
    const node: Omit<Node, 'sessions' | 'close' | 'freeze' | 'looks'> = { isForgetful: false, kept: [], taken: [], connections: [] }
    const place = freezable(test.database.db)
    const sessions = openSessions({
      db: place.db,
      events: { append: appendEvents, hint: () => undefined },
      secretBox: testSecretBox,
      inbox: {
        take: async (_, incoming) => {
          node.taken.push(incoming)
          return true
        },
        keep: async ({ id }, body) => {
          if (opened.isForgetful) throw new Error('the database is away')
          node.kept.push({ channelId: id, body })
          return true
        },
      },
      log: openLog(process.env.LOG === undefined ? 'silent' : 'debug'),
      socketUrl,
      version,
      node: newId(),
      now: () => test.clock.now(),
      sentBefore: async () => undefined,
      connected: () => undefined,
      opened: (connection) => void node.connections.push(connection),
    })
    sessions.start()
    let closed: Promise<void> | undefined
    const opened: Node = {
      ...node,
      sessions,
      freeze: place.freeze,
      looks: place.looks,
      close: () => (closed ??= close()),
    }
    const close = async () => {
      await sessions.close()
      await version.close()
    }
    nodes.push(opened)
    return opened
  }

  const stateOf = async (ctx: Context, channelId: string) => {
    const { state, stateReason } = await getChannel(ctx, { channelId })
    return stateReason === undefined ? state : `${state}: ${stateReason}`
  }

  return {
    network,
    server,
    openNode,
    newNumber: () => `+5511${++number}`,
    stateOf,
    /** Resolves when the channel stands as said: `open`, `closed: banned`, … */
    until: (ctx: Context, channelId: string, wanted: string) =>
      eventually(async () => (await stateOf(ctx, channelId)) === wanted, 20_000).catch(async () => {
        throw new Error(`the channel is ${await stateOf(ctx, channelId)}, not ${wanted}`)
      }),
    qrOf: (ctx: Context, channelId: string) => eventually(async () => (await getChannelLink(ctx, { channelId })).qr?.text, 10_000),
    async newChannel() {
      const { ctx } = await testWorkspace(test)
      const channel = await createChannel(ctx, { kind: 'web', name: 'Shop' })
      return { ctx, channelId: channel.id }
    },
    async close() {
      for (const node of nodes) await node.close()
      await server.close()
      network.close()
      expect(server.complaints()).toEqual([])
    },
  }
}

/** A database that can be made to answer nothing, and counts what it is asked. */
function freezable(db: Db) {
  let wake = Promise.withResolvers<void>()
  wake.resolve()
  const freeze = (frozen = true) => {
    if (frozen) wake = Promise.withResolvers<void>()
    else wake.resolve()
  }
  let asked = 0
  const looks = (times: number) => {
    const enough = asked + times
    return eventually(async () => asked >= enough)
  }
  const withConnection: NonNullable<Db['withConnection']> = async (work) => {
    asked++
    await wake.promise
    return db.withConnection ? db.withConnection(work) : Promise.reject(new Error('a transaction'))
  }
  const executor = executorOf((query) => withConnection((client) => sendStatement(client, query)))
  return { freeze, looks, db: { getExecutor: () => executor, withConnection } satisfies Db }
}
