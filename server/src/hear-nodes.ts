import type { AddressBook, QueueTouches } from '#core/messages'
import { type Listener, openListener } from '#kit/db-listen'
import type { Waiters } from '#kit/waiters'
import type { Foundation } from './foundation.ts'

type Hearers = {
  engine: { wake(): void }
  touches: QueueTouches
  waiters: Waiters
  addressBook: AddressBook
  teller: { changed(workspaceId?: string): void }
  roads: { changed(channelId: string): void; called(): void; answered(callId: string): void }
}

/** What other nodes say by NOTIFY, and who wants to know. Hints all of them: whatever is missed is found by polling or grows old. */
export function hearNodes(foundation: Foundation, { engine, touches, waiters, addressBook, teller, roads }: Hearers): Promise<Listener> {
  const { hub, keyRing, channels, workspaces, directAddress, log } = foundation
  const changed: Readonly<Record<string, (id: string) => void>> = {
    key: (hash) => keyRing.forget(hash),
    channel: (id) => {
      channels.forget(id)
      roads.changed(id)
      waiters.end([id]) // somebody may wait for the letters that link it
    },
    call: () => roads.called(),
    answer: (id) => roads.answered(id),
    endpoint: (workspaceId) => teller.changed(workspaceId),
    workspace: (id) => {
      workspaces.forget(id)
      addressBook.forget(id)
    },
  }
  const hear: Readonly<Record<string, (payload: string) => void>> = {
    chasqui_due: (word) => touches.heard(word),
    chasqui_events: (payload) => hub.heard(payload),
    chasqui_settled: (payload) => waiters.end(payload.split(',')),
    chasqui_changed: (payload) => {
      const [noun = '', id = ''] = payload.split(':')
      changed[noun]?.(id)
    },
  }
  const again = () => {
    engine.wake()
    hub.heard('*')
    teller.changed()
  }
  return openListener(directAddress, log, (channel, payload) => hear[channel]?.(payload), Object.keys(hear), again)
}
