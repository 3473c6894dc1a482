/** Channels that have something to be read: a few at once, each one alone. */
export interface ChannelTurns {
  /** They have something to be read; begun as soon as turns are open and there is a place. */
  add(...channelIds: string[]): void
  open(): void
  /** Begins nothing more; resolves when what was begun is done. */
  close(): Promise<void>
}

type Options = {
  atOnce: number
  /** True when the channel has more: it gets another turn. */
  read(channelId: string): Promise<boolean>
  failed(error: unknown, channelId: string): void
}

export function openChannelTurns({ atOnce, read, failed }: Options): ChannelTurns {
  const waiting = new Set<string>()
  const reading = new Set<string>()
  let isOpen = false
  let idle: (() => void) | undefined

  const pump = () => {
    while (isOpen && reading.size < atOnce) {
      const channelId = [...waiting].find((id) => !reading.has(id)) // whoever comes while it is read waits for the next page
      if (channelId === undefined) return
      waiting.delete(channelId)
      reading.add(channelId)
      void begin(channelId)
    }
  }

  const begin = async (channelId: string) => {
    try {
      if (await read(channelId)) waiting.add(channelId)
    } catch (error) {
      failed(error, channelId)
    }
    reading.delete(channelId)
    pump()
    if (reading.size === 0) idle?.()
  }

  return {
    add(...channelIds) {
      for (const channelId of channelIds) waiting.add(channelId)
      pump()
    },
    open() {
      isOpen = true
      pump()
    },
    async close() {
      isOpen = false
      if (reading.size > 0) await new Promise<void>((done) => (idle = done))
    },
  }
}
