import { type DatabaseAddress, openClient } from './db.ts'
import type { Logger } from './log.ts'

/** Hears what other nodes say. A hint only: everything heard here is also found by polling. */
export interface Listener {
  close(): Promise<void>
}

const RETRY_MS = 500

/** LISTENs on a connection of its own, for as long as the house stands; `again` is called after each (re)connect. */
export async function openListener(
  address: DatabaseAddress,
  log: Logger,
  hear: (channel: string, payload: string) => void,
  channels: readonly string[],
  again: () => void,
): Promise<Listener> {
  let closed = false
  let client = openClient(address)

  const connect = async (): Promise<void> => {
    client = openClient(address)
    client.on('notification', ({ channel, payload }) => hear(channel, payload ?? ''))
    client.on('error', () => undefined) // 'end' follows
    await client.connect()
    client.on('end', () => {
      if (!closed) setTimeout(reconnect, RETRY_MS).unref()
    })
    for (const channel of channels) await client.query(`listen ${channel}`)
    again()
  }
  const reconnect = () => {
    if (closed) return
    connect().catch((error: Error) => {
      log.warn({ error: error.message }, 'the listening connection is down')
      setTimeout(reconnect, RETRY_MS).unref()
    })
  }

  await connect()
  return {
    async close() {
      closed = true
      await client.end()
    },
  }
}
