import { AWAY, openHouseClient } from './house-client.ts'

/** A house that holds simulated phones, over its own API. */
export type PhoneServer = {
  look(number: string): Promise<Chat>
  write(number: string, text: string): Promise<void>
  /** Calls `happened` each time something happens in the workspace; ends when the house closes the stream. */
  listen(happened: () => void): Promise<void>
}

export type Chat = { business: string; phone: string; bubbles: Bubble[] }
export type Bubble = {
  wireId: string
  direction: 'to_phone' | 'from_phone'
  content: { type: string } & Record<string, unknown>
  replyTo: string | null
  reactions: Record<string, string>
  at: string
}

export function openPhoneServer({ url, key, channelId }: { url: string; key: string; channelId: string | undefined }): PhoneServer {
  const ask = openHouseClient({ url, key })
  const phonePath = (number: string) => `/simulator/phones/${encodeURIComponent(number)}`
  return {
    look: async (number) => (await (await ask(`${phonePath(number)}${channelId ? `?channelId=${channelId}` : ''}`)).json()) as Chat, // our own API
    async write(number, text) {
      await ask(`${phonePath(number)}/messages`, { text, ...(channelId && { channelId }) })
    },
    async listen(happened) {
      const { body } = await ask('/events/stream')
      for await (const _ of body ?? []) happened()
    },
  }
}

type EmulatedBubble = Omit<Bubble, 'replyTo'> & { repliesTo: string | null }

/** The phones of `chasqui emulator`, by its steering API. */
export async function openEmulatorPhones(url: string): Promise<PhoneServer> {
  const ask = async (path: string, body?: unknown): Promise<Response> => {
    const answer = await fetch(
      `${url}/_control/businesses${path}`,
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
    ).catch(() => {
      throw Object.assign(new Error(`Nobody answers at ${url}: does the emulator run?`), { code: AWAY })
    })
    if (!answer.ok) throw new Error(((await answer.json()) as { error?: string }).error ?? `The emulator answered ${answer.status}`)
    return answer
  }
  const { businesses } = (await (await ask('')).json()) as { businesses: { number: string }[] } // our own emulator
  const business = businesses[0]?.number ?? ''
  const phonePath = (number: string) => `/${encodeURIComponent(business)}/phones/${encodeURIComponent(number)}`
  return {
    async look(number) {
      const { phone, messages } = (await (await ask(phonePath(number))).json()) as { phone: { number: string }; messages: EmulatedBubble[] }
      return { business, phone: phone.number, bubbles: messages.map(({ repliesTo, ...bubble }) => ({ ...bubble, replyTo: repliesTo })) }
    },
    async write(number, text) {
      await ask(phonePath(number), { act: 'write', text })
    },
    async listen(happened) {
      const { body } = await ask(`/${encodeURIComponent(business)}/phones/stream`)
      for await (const _ of body ?? []) happened()
    },
  }
}
