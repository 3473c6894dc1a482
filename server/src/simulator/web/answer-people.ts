import { type Answerer, ok } from './answers.ts'
import { child, children, type Node, node, SERVER, seconds, wordsOf } from './nodes.wire.ts'
import type { Person } from './people.ts'
import { devicesOf, type WebState } from './web-state.ts'

/** Who is on WhatsApp, by which names, with which devices. */
export const answerPeople: Answerer = (state, _device, question) => {
  const asked = child(question, 'usync')
  if (!asked) return undefined
  const wanted = children(child(asked, 'query')).map(({ tag }) => tag)
  const users = children(child(asked, 'list'), 'user').map((user) => userOf(state, user, wanted))
  const { sid, mode, context } = asked.attrs
  return ok(node('usync', { sid, mode, context }, [node('result'), node('list', {}, users)]))
}

function userOf(state: WebState, user: Node, wanted: readonly string[]): Node {
  const digits = wordsOf(child(user, 'contact'))?.replace(/\D/g, '')
  const spelled = state.faults.spellings.get(`+${digits}`)?.slice(1) ?? digits
  const jid = user.attrs.jid ?? `${spelled ?? ''}@${SERVER}`
  const person = state.people.byJid(jid)
  if (!person) return node('user', { jid }, wanted.includes('contact') ? [node('contact', { type: 'out' })] : [])
  return node(
    'user',
    { jid },
    wanted.flatMap((what) => factOf(state, person, what) ?? []),
  )
}

function factOf(state: WebState, person: Person, what: string): Node | undefined {
  switch (what) {
    case 'contact':
      return node('contact', { type: 'in' })
    case 'lid':
      return node('lid', { val: person.lidJid })
    case 'status':
      return node('status', { t: seconds(state.network.time.now()) }, Buffer.from('Hey there!'))
    case 'devices': {
      const companions = devicesOf(state, person.number).map(({ id }) => node('device', { id, 'key-index': id }))
      return node('devices', {}, [node('device-list', {}, [node('device', { id: 0 }), ...companions])])
    }
    case 'disappearing_mode':
      return node('disappearing_mode', { duration: 0, t: 0 })
    default:
      return undefined
  }
}
