import type { Incoming } from '#core/transport'
import { loadBaileys } from './library.ts'
import type { ChannelRef, Lines } from './lines.ts'
import { parseEnvelope } from './parse.ts'
import type { WebBook } from './send-again.ts'

/** What a message says that was kept as it came; throws when it is none. */
export async function readKept(
  { book, lines }: { book: WebBook; lines: Pick<Lines, 'secretOf'> },
  channel: ChannelRef,
  body: Buffer,
): Promise<Incoming> {
  const poll = async (wireId: string) => {
    const content = (await book.sent(channel, wireId))?.content
    return content?.type === 'poll' ? { options: content.options, secret: lines.secretOf(channel, wireId) } : undefined
  }
  return parseEnvelope(await loadBaileys(), { poll }, body)
}
