import { type Api, whyNoAnswer } from './api.ts'
import type { Config } from './config.ts'
import { buildTools, type ListedTool } from './tools.ts'

/** The tools as the server's document has them now. */
export type ToolShelf = () => Promise<ReadonlyMap<string, ListedTool>>

const FRESH_MS = 60_000

/** Reads the document when it is first needed and again after a minute; while the server is away, the last one serves. */
export function openToolShelf(api: Api, { url, tools: chosen }: Pick<Config, 'url' | 'tools'>): ToolShelf {
  let shelf: { tools: ReadonlyMap<string, ListedTool>; readAt: number } | undefined
  let reading: Promise<ReadonlyMap<string, ListedTool>> | undefined
  const read = async () => {
    try {
      const tools = buildTools(await askFor(api, url), chosen)
      shelf = { tools, readAt: performance.now() }
      return tools
    } catch (error) {
      if (shelf) return shelf.tools
      throw error
    } finally {
      reading = undefined
    }
  }
  return async () => {
    if (shelf && performance.now() - shelf.readAt < FRESH_MS) return shelf.tools
    reading ??= read()
    return reading
  }
}

const askFor = (api: Api, url: string) =>
  api.document().catch((error: unknown) => {
    throw new Error(`${whyNoAnswer(url, error).detail}. Is it running, and is CHASQUI_URL its address?`)
  })
