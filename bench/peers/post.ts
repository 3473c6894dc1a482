import { Pool } from 'undici'

/** Where a handler posts: the emulator's number that tells nobody anything. */
export type Target = { origin: string; path: string; token: string }

let numbers = 0

/** The same request that our cloud transport makes for a text, over undici; throws unless the emulator accepts it. */
export function openPost(target: Target, connections: number) {
  const pool = new Pool(target.origin, { connections, pipelining: 1, keepAliveTimeout: 60_000 })
  const headers = { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' }
  return {
    async post(callbackData: string): Promise<void> {
      const body = JSON.stringify({
        messaging_product: 'whatsapp',
        to: recipient(numbers++ % 20_000),
        type: 'text',
        text: { body: TEXT },
        biz_opaque_callback_data: callbackData,
      })
      const answer = await pool.request({ method: 'POST', path: target.path, headers, body })
      const said = JSON.parse(await answer.body.text()) as { messages?: { id: string }[] } // of the emulator, checked on the next line
      if (answer.statusCode !== 200 || !said.messages?.[0]?.id) throw new Error(`the emulator said ${answer.statusCode}`)
    },
    close: () => pool.close(),
  }
}

export const TEXT = 'Your parcel is on its way and will be with you between 10:00 and 12:00 today.'

const PLAIN = 10 // the last four digits below this mean something to a simulated phone

/** A number of a simulated phone without habits of its own. */
export const recipient = (index: number): string =>
  `+4915${String(110_000_000 + Math.floor(index / 9_000) * 10_000 + PLAIN + (index % 9_000)).padStart(9, '0')}`
