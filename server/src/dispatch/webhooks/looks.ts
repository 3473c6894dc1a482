/** One look at a time: what is asked while it lasts is looked at together after it. */
export interface Looks {
  /** There may be something in this workspace; undefined: anywhere. */
  ask(workspaceId: string | undefined): void
  open(): void
  /** Begins no look any more; resolves when the last has ended. */
  close(): Promise<void>
}

type Options = {
  /** Waited before each look, so that one look serves many who ask. */
  gapMs: number
  /** True when there may be more anywhere; undefined: look everywhere. */
  look(workspaceIds: readonly string[] | undefined): Promise<boolean>
  failed(error: unknown): void
}

export function openLooks({ gapMs, look, failed }: Options): Looks {
  const asked = new Set<string>()
  let anywhere = false
  let isOpen = false
  let looking: Promise<void> | undefined

  const lookAround = async () => {
    while (isOpen && (anywhere || asked.size > 0)) {
      await new Promise((done) => setTimeout(done, gapMs))
      const workspaceIds = anywhere ? undefined : [...asked]
      anywhere = false
      asked.clear()
      try {
        if (await look(workspaceIds)) anywhere = true
      } catch (error) {
        failed(error)
      }
    }
  }

  return {
    ask(workspaceId) {
      if (workspaceId === undefined) anywhere = true
      else asked.add(workspaceId)
      if (isOpen) looking ??= lookAround().finally(() => (looking = undefined))
    },
    open() {
      isOpen = true
    },
    async close() {
      isOpen = false
      await looking
    },
  }
}
