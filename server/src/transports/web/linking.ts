import { findLink, type SessionRef, showCode, showQr } from '#core/channels'
import type { Ports } from '#kit/context'
import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import type { Socket } from './library.ts'

export type LinkingParts = {
  db: Db
  events: Ports['events']
  secretBox: SecretBox
  session: SessionRef
  now(): Date
  /** A phone has linked it, and the network has not yet asked for another connection. */
  isPaired(): boolean
  /** The channel waits for a person. */
  awaited(): Promise<unknown>
  failed(error: unknown): void
}

/** Shows what a person needs to link the number, for as long as no phone has. */
export interface Linking {
  /** The network gave a new text to be scanned. */
  qr(socket: Socket, text: string): void
  /** Somebody may have asked for letters. */
  look(): void
  /** Resolves when everything begun has been written. */
  settled(): Promise<void>
}

/** How long WhatsApp takes them. */
const LETTERS_MS = 3 * 60_000
const FIRST_QR_MS = 60_000
const NEXT_QR_MS = 20_000

export function openLinking({ db, events, secretBox, session, now, isPaired, awaited, failed }: LinkingParts): Linking {
  let socket: Socket | undefined
  let shown = 0
  let known: string | undefined
  let work: Promise<void> = Promise.resolve()
  const later = (step: () => Promise<void>) => {
    work = work.then(step).catch(failed)
  }
  const letters = async () => {
    const link = await findLink(db, { id: session.channelId, workspaceId: session.workspaceId })
    if (!socket || !link?.code || !link.phone) return
    const wanted = secretBox.open(link.code)
    if (known === wanted || isPaired()) return // asking would write over whose it is
    known = wanted
    await socket.requestPairingCode(link.phone.replace(/\D/g, ''), wanted)
    await showCode(db, session, link.code, inMs(LETTERS_MS))
  }
  const inMs = (ms: number) => new Date(now().getTime() + ms)
  return {
    qr(from, text) {
      socket = from
      const until = inMs(shown++ === 0 ? FIRST_QR_MS : NEXT_QR_MS)
      later(async () => {
        await showQr(db, events, session, { qr: secretBox.seal(text), until })
        await awaited()
        await letters()
      })
    },
    look: () => later(letters),
    settled: () => work,
  }
}
