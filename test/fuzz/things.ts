/** A place in a request for something that the house knows by then. */
export class Thing {
  readonly kind: string
  readonly whose: 'own' | 'foreign'
  /** 0 to 1: which of those known, the newest first. */
  readonly nth: number
  constructor(kind: string, whose: 'own' | 'foreign', nth: number) {
    this.kind = kind
    this.whose = whose
    this.nth = nth
  }
}

/** A place for a time, counted from the moment of the request. */
export class Later {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
}

const KEPT_MOST = 100
/** Of what belongs to one workspace: an organization shows in several. */
const ID = /\b(?!org_)([a-z]{2,4})_[0-9a-hjkmnp-tv-z]{26}\b/g
const WIRE_KEY = /^(?:true|false)_\S+_\S+$/
const CHAT = /^[\d-]+@[\w.]+$/
const PHONE = /^\+\d{7,15}$/

/** What the workspaces were seen to own, learnt from their answers. */
export class Things {
  readonly #kept = new Map<string, string[]>()
  readonly #wholes = new Map<string, string>()
  readonly #owners = new Map<string, string>()
  /** Never to be deleted, lest the rest of the run meets closed doors. */
  readonly #spared = new Set<string>()

  /** `url`: of the question; the first id in it names the whole that the others are part of. */
  learn(workspace: string, answer: unknown, url = ''): void {
    const [whole] = url.match(ID) ?? []
    walk(answer, (name, text) => {
      for (const [id, prefix = ''] of text.matchAll(ID)) {
        this.#keep(workspace, prefix, id)
        if (whole !== undefined && prefix === 'mem') this.#wholes.set(id, whole)
      }
      if (name === 'apiKey') this.#keep(workspace, name, text)
      else if (/^next_?cursor$/i.test(name)) this.#keep(workspace, 'cursor', text)
      else if (WIRE_KEY.test(text) || /^wire_?id$/i.test(name)) this.#keep(workspace, 'wire', text)
      else if (CHAT.test(text)) this.#keep(workspace, 'chat', text)
      else if (PHONE.test(text)) this.#keep(workspace, 'phone', text)
    })
  }

  spare(answer: unknown): void {
    walk(answer, (_, text) => {
      for (const [id] of text.matchAll(ID)) this.#spared.add(id)
    })
  }

  wholeOf = (id: string): string | undefined => this.#wholes.get(id)

  /** Who was first seen to own an id. */
  claim(workspace: string, id: string): string {
    const owner = this.#owners.get(id)
    if (owner === undefined) this.#owners.set(id, workspace)
    return owner ?? workspace
  }

  isForeign = (workspace: string, id: string): boolean => (this.#owners.get(id) ?? workspace) !== workspace

  pick({ kind, whose, nth }: Thing, workspace: string, { spare }: { spare: boolean }): string {
    const owner = whose === 'own' ? workspace : (OTHER[workspace] ?? workspace)
    const known = (this.#kept.get(`${owner} ${kind}`) ?? []).filter((text) => !(spare && this.#spared.has(text)))
    return known[known.length - 1 - Math.floor(nth * known.length)] ?? `${kind}_01jbst8pvcfp79y00h48sm8nb6`
  }

  #keep(workspace: string, kind: string, text: string): void {
    const list = this.#kept.get(`${workspace} ${kind}`) ?? []
    if (list.includes(text)) return
    if (list.push(text) > KEPT_MOST) list.shift()
    this.#kept.set(`${workspace} ${kind}`, list)
  }
}

const OTHER: Readonly<Record<string, string>> = { test: 'live', live: 'test' }

/** The ids in a text. */
export const idsIn = (text: string): string[] => text.match(ID) ?? []

function walk(value: unknown, visit: (name: string, text: string) => void, name = ''): void {
  if (typeof value === 'string') visit(name, value)
  else if (typeof value === 'object' && value !== null) for (const [key, own] of Object.entries(value)) walk(own, visit, key)
}
