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
  readonly form: 'utc' | 'local'
  constructor(ms: number, form: 'utc' | 'local' = 'utc') {
    this.ms = ms
    this.form = form
  }

  from(now: Date): string {
    const text = new Date(now.getTime() + this.ms).toISOString()
    return this.form === 'utc' ? text : text.slice(0, 19)
  }
}

const KEPT_MOST = 100
/** Of what belongs to one workspace: an organization shows in several. */
const ID = /\b(?!org_)([a-z]{2,4})_[0-9a-hjkmnp-tv-z]{26}\b/g

/** What a text is, by the name of its field and by its look; the first that holds. */
const KINDS: readonly [kind: string, name: RegExp, look: RegExp][] = [
  ['apiKey', /^apiKey$/, /./],
  ['cursor', /^next_?cursor$/i, /./],
  ['occurrence', /^occurrence$/, /./],
  ['wireKey', /./, /^(?:true|false)_\S+_\S+$/],
  ['wire', /^wire_?id$/i, /./],
  ['group', /./, /^[\d-]+@g\.us$/],
  ['newsletter', /./, /^\d+@newsletter$/],
  ['chat', /./, /^[\d-]+@[\w.]+$/],
  ['phone', /./, /^\+\d{7,15}$/],
]

export const kindOf = (name: string, text: string): string | undefined =>
  KINDS.find(([, called, looks]) => called.test(name) && looks.test(text))?.[0]

const PARTS = new Set(['mem', 'wire', 'wireKey', 'poll', 'fromPhone', 'phone', 'chat', 'occurrence'])

/** A part and what it is part of: the member of a group, the message of a phone. */
export type Pair = { whole: string; part: string }

/** A path before its first name, what is named there (unless told, the answer itself), and what is named last. */
export type Place = { root: string; whole?: string | undefined; named?: string | undefined }

/** What the workspaces were seen to own, learnt from their answers. */
export class Things {
  readonly #kept = new Map<string, string[]>()
  readonly #pairs = new Map<string, Pair[]>()
  readonly #states = new Map<string, string>()
  readonly #owners = new Map<string, string>()
  /** Never to be deleted, lest the rest of the run meets closed doors. */
  readonly #spared = new Set<string>()

  learn(workspace: string, answer: unknown, { root, whole = idOf(answer) }: Place = { root: '' }): void {
    const keep = (kind: string, text: string, isPart: boolean) => {
      keepNewest(this.#kept, `${workspace} ${kind}`, text, (one) => one === text)
      if (whole === undefined || whole === text || !isPart || !PARTS.has(kind)) return
      const same = (pair: Pair) => pair.whole === whole && pair.part === text
      keepNewest(this.#pairs, `${workspace} ${root} ${kind}`, { whole, part: text }, same)
    }
    walk(answer, (name, text, holder) => {
      for (const [id, prefix = ''] of text.matchAll(ID)) keep(prefix, id, true)
      for (const kind of [kindOf(name, text), ...kindsByHolder(name, holder)]) if (kind !== undefined) keep(kind, text, !isFounder(holder))
      const state = holder.state ?? holder.status
      if (name === 'id' && typeof state === 'string') this.#states.set(text, state)
    })
  }

  spare(answer: unknown): void {
    walk(answer, (_, text) => {
      for (const [id] of text.matchAll(ID)) this.#spared.add(id)
    })
  }

  forget(workspace: string, gone: string | undefined): void {
    const ofIt = (name: string) => name.startsWith(`${workspace} `)
    for (const [name, list] of this.#kept) if (ofIt(name)) this.#kept.set(name, list.filter((text) => text !== gone)) // biome-ignore format: one thought
    for (const [name, list] of this.#pairs) if (ofIt(name)) this.#pairs.set(name, list.filter(({ whole, part }) => whole !== gone && part !== gone)) // biome-ignore format: one thought
  }

  /** Who was first seen to own an id. */
  claim(workspace: string, id: string): string {
    const owner = this.#owners.get(id)
    if (owner === undefined) this.#owners.set(id, workspace)
    return owner ?? workspace
  }

  isForeign = (workspace: string, id: string): boolean => (this.#owners.get(id) ?? workspace) !== workspace

  /** `states`: such as were last seen in one of them, if there are any. */
  pick({ kind, whose, nth }: Thing, workspace: string, { spare, states }: { spare: boolean; states: readonly string[] }): string {
    const owner = kind === 'apiKey' ? workspace : ownerOf(whose, workspace) // who asks by the key of another is the other
    const known = (this.#kept.get(`${owner} ${kind}`) ?? []).filter((text) => !(spare && this.#spared.has(text)))
    const wanted = known.filter((text) => states.includes(this.#states.get(text) ?? ''))
    return fromEnd(wanted.length > 0 ? wanted : known, nth) ?? `${kind}_01jbst8pvcfp79y00h48sm8nb6`
  }

  pickPair({ kind, whose, nth }: Thing, workspace: string, root: string): Pair | undefined {
    return fromEnd(this.#pairs.get(`${ownerOf(whose, workspace)} ${root} ${kind}`) ?? [], nth)
  }
}

const fromEnd = <Item>(items: readonly Item[], nth: number): Item | undefined => items[items.length - 1 - Math.floor(nth * items.length)]

/** What is seen again is the newest again: it still stands. */
function keepNewest<Item>(lists: Map<string, Item[]>, name: string, item: Item, same: (one: Item) => boolean): void {
  const list = (lists.get(name) ?? []).filter((one) => !same(one))
  list.push(item)
  lists.set(name, list.slice(-KEPT_MOST))
}

const ownerOf = (whose: Thing['whose'], workspace: string): string => (whose === 'own' ? workspace : (OTHER[workspace] ?? workspace))

function idOf(answer: unknown): string | undefined {
  const { id, data } = Object(answer)
  const own = id ?? Object(data).id
  return typeof own === 'string' ? own : undefined
}

const OTHER: Readonly<Record<string, string>> = { test: 'live', live: 'test' }

/** The ids in a text. */
export const idsIn = (text: string): string[] => text.match(ID) ?? []

type Holder = Readonly<Record<string, unknown>>
type Visit = (name: string, text: string, holder: Holder) => void

function walk(value: unknown, visit: Visit): void {
  if (typeof value !== 'object' || value === null) return
  const holder: Holder = { ...value }
  for (const [name, own] of Object.entries(holder))
    if (typeof own === 'string') visit(name, own, holder)
    else walk(own, visit)
}

/** What the rest of its record tells: bubbles that can be voted on, or changed; a fault counts whom it met. */
function kindsByHolder(name: string, { content, direction, met }: Holder): string[] {
  if (name === 'id') return met === undefined ? [] : ['fault']
  if (name !== 'wireId') return []
  const isPoll = Object(content).type === 'poll'
  return [...(isPoll ? ['poll'] : []), ...(direction === 'from_phone' ? ['fromPhone'] : [])]
}

/** He can neither go nor lose his rank. */
const isFounder = ({ role, isSuperAdmin }: Holder): boolean => role === 'owner' || isSuperAdmin === true
