import type { Routes, SpokenError } from '#kit/door'

/** What the server's shell needs of a door. */
export type Mount = {
  name: string
  prefixes: readonly string[]
  routes: Routes
  speak(error: unknown, requestId: string): SpokenError
  /** Head of its OpenAPI document; sections: its routes' tags in the order of the page, and what each is about. */
  reference?: { title: string; description: string; version: string; sections: Readonly<Record<string, string>> } | undefined
}

/** The mount whose prefix is the longest that covers the path by whole segments: /api-docs is not under /api. */
export function findMount<M extends Pick<Mount, 'prefixes'>>(mounts: readonly M[], url: string): M | undefined {
  const path = pathOf(url)
  let found: { mount: M; length: number } | undefined
  for (const mount of mounts) {
    for (const prefix of mount.prefixes) {
      const covers = path === prefix || path.startsWith(`${prefix}/`)
      if (covers && (!found || prefix.length > found.length)) found = { mount, length: prefix.length }
    }
  }
  return found?.mount
}

/** A URL without its query: what a log may show of an unknown path. */
export function pathOf(url: string): string {
  const end = url.search(/[?#;]/)
  return end < 0 ? url : url.slice(0, end)
}
