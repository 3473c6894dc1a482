import type { Operation } from './operations.ts'

/** An operation under the name it has in a tool. */
export type Action = {
  name: string
  operation: Operation
  /** Arguments that are always these, and so are not asked for. */
  fixed: Readonly<Record<string, unknown>>
  /** Arguments that the operation may do without and this action may not. */
  needs: readonly string[]
}
export type Group = { name: string; about: string; actions: readonly Action[] }

/** Views on operations that stand in other tools too: what a person asks for by another word. */
const VIEWS: readonly { name: string; about: string; actions: readonly View[] }[] = [
  {
    name: 'scheduled_messages',
    about: 'Messages that wait for their time; until they leave they can be changed or taken back.',
    actions: [
      { name: 'create', id: 'messages.send', needs: ['sendAt'] },
      { name: 'list', id: 'messages.list', fixed: { state: 'scheduled', direction: 'out' } },
      { name: 'get', id: 'messages.get' },
      { name: 'update', id: 'messages.edit' },
      { name: 'cancel', id: 'messages.cancel' },
    ],
  },
]
type View = { name: string; id: string; fixed?: Readonly<Record<string, unknown>>; needs?: readonly string[] }

/** The tools: one for each section of the API, and the views. */
export function groupOperations(operations: readonly Operation[], sections: ReadonlyMap<string, string>): Group[] {
  const groups = [...Map.groupBy(operations, ({ tag }) => tag)].map(([tag, members]) => ({
    name: snake(tag),
    about: sections.get(tag) ?? '',
    actions: members.map((operation) => ({ name: actionName(operation.id, members), operation, fixed: {}, needs: [] })),
  }))
  const byId = new Map(operations.map((operation) => [operation.id, operation]))
  const views = VIEWS.map(({ name, about, actions }) => ({
    name,
    about,
    actions: actions.flatMap(({ name, id, fixed = {}, needs = [] }) => {
      const operation = byId.get(id)
      return operation ? [{ name, operation, fixed, needs }] : []
    }),
  })).filter(({ actions }) => actions.length > 0)
  return [...groups, ...views]
}

/** 'audiences.members.append' -> 'members_append'; the whole name where two would be the same. */
function actionName(id: string, members: readonly Operation[]): string {
  const short = shorten(id)
  return members.filter((other) => shorten(other.id) === short).length > 1 ? snake(id) : short
}

const shorten = (id: string) => snake(id.slice(id.indexOf('.') + 1))

const snake = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()
