import { text } from 'node:stream/consumers'
import { importKey, issueKey, KEY_STYLES, type Key, type KeyStyle, listKeysAsOperator, revokeKeyAsOperator } from '#core/keys'
import { findOperatorWorkspace } from '#core/workspaces'
import { fromTypeId, typeId } from '#kit/ids'
import { type Foundation, openFoundation } from '../foundation.ts'
import { type Command, type CommandInput, wrongCall } from './command.ts'

export const keys: Command = {
  name: 'keys',
  usage: 'keys create|import|list|revoke [key_…] [--name N] [--workspace live|test] [--style S] [--scopes a,b]',
  does: 'Make, bring along, list or revoke API keys',
  options: {
    name: { type: 'string' },
    workspace: { type: 'string', default: 'test' },
    style: { type: 'string', default: 'canonical' },
    scopes: { type: 'string', default: '*' },
    organization: { type: 'string' },
  },
  async run(input) {
    const act = ACTS[input.positionals[0] ?? '']
    if (!act) throw wrongCall(keys, 'Say what to do: create, import, list or revoke.')
    const foundation = await openFoundation(input.config, { alone: false })
    try {
      await act(foundation, input)
    } finally {
      await foundation.close()
    }
  },
}

type Act = (foundation: Foundation, input: CommandInput) => Promise<void>

const option = ({ values }: CommandInput, name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined)
const scopesOf = (input: CommandInput) => (option(input, 'scopes') ?? '*').split(',').map((scope) => scope.trim())

type Workspace = { id: string; environment: 'live' | 'test' }

async function workspaceOf({ database }: Foundation, input: CommandInput): Promise<Workspace> {
  const environment = option(input, 'workspace')
  if (environment !== 'live' && environment !== 'test') throw wrongCall(keys, '--workspace is live or test.')
  return { id: await findOperatorWorkspace(database.db, environment, option(input, 'organization')), environment }
}

function nameOf(input: CommandInput): string {
  const name = option(input, 'name')
  if (!name) throw wrongCall(keys, 'A key needs a --name that tells what it is for.')
  return name
}

function styleOf(input: CommandInput): KeyStyle {
  const style = KEY_STYLES.find((known) => known === option(input, 'style'))
  if (!style) throw wrongCall(keys, `--style is one of ${KEY_STYLES.join(', ')}.`)
  return style
}

const create: Act = async (foundation, input) => {
  const [name, style] = [nameOf(input), styleOf(input)]
  const { id: workspaceId, environment } = await workspaceOf(foundation, input)
  const { key, secret } = await issueKey(foundation.database.db, { workspaceId, name, style, scopes: scopesOf(input) })
  console.log(`${secret}\n\nKey ${typeId('key', key.id)} (${key.name}) of the ${environment} workspace. It is shown this once.`)
}

/** From standard input, so that the key stands in no shell history. */
const bring: Act = async (foundation, input) => {
  const name = nameOf(input)
  const { id: workspaceId, environment } = await workspaceOf(foundation, input)
  if (process.stdin.isTTY) console.error('Paste the key, then Enter and Ctrl-D:')
  const secret = (await text(process.stdin)).trim()
  const key = await importKey(foundation.database.db, { workspaceId, secret, name, scopes: scopesOf(input) })
  console.log(`Key ${typeId('key', key.id)} (${key.name}, ${key.style} …${key.lastFour}) opens the ${environment} workspace now.`)
}

const list: Act = async (foundation, input) => {
  const { id, environment } = await workspaceOf(foundation, input)
  const known = await listKeysAsOperator(foundation.database.db, id)
  if (known.length === 0) return console.log(`The ${environment} workspace has no keys.`)
  for (const key of known) console.log(line(key))
}

const line = (key: Key) =>
  [
    typeId('key', key.id),
    key.style.padEnd(9),
    `…${key.lastFour}`,
    key.revokedAt ? 'revoked' : 'active ',
    (key.lastUsedAt?.toISOString() ?? 'never used').padEnd(24),
    key.scopes.join(','),
    key.name,
  ].join('  ')

const revoke: Act = async (foundation, input) => {
  const id = fromTypeId('key', input.positionals[1] ?? '')
  if (!id) throw wrongCall(keys, 'Name the key to revoke: keys revoke key_…')
  const key = await revokeKeyAsOperator(foundation.database.db, id)
  console.log(`Key ${typeId('key', key.id)} (${key.name}) opens nothing any more.`)
}

const ACTS: Readonly<Record<string, Act>> = { create, import: bring, list, revoke }
