import { answerAccount } from './answer-account.ts'
import { answerGroups } from './answer-groups.ts'
import { answerKeys } from './answer-keys.ts'
import { answerNewsletters, answerPosts } from './answer-newsletters.ts'
import { answerPeople } from './answer-people.ts'
import { answerSession } from './answer-session.ts'
import { answerSettings } from './answer-settings.ts'
import { type Answer, type Answerer, refused } from './answers.ts'
import { children, type Node, node, SERVER_JID, seconds } from './nodes.wire.ts'
import { takeSignature } from './pairing.ts'
import { answerPairing } from './pairing-code.ts'
import { note, type Session, type WebState } from './web-state.ts'

/** By namespace. */
const ANSWERERS: Readonly<Record<string, Answerer>> = {
  encrypt: answerKeys,
  usync: answerPeople,
  'w:g2': answerGroups,
  'w:mex': answerNewsletters,
  newsletter: answerPosts,
  'w:sync:app:state': answerSettings,
  ...answerAccount,
  ...answerSession,
}

/** A client asks, or answers what it was asked. */
export async function takeIq(state: WebState, session: Session, iq: Node): Promise<void> {
  const { id, type, to = SERVER_JID } = iq.attrs
  if (type === 'result' || type === 'error') return takeSignature(session, iq)
  const { content, error, after } = await answerTo(state, session, iq)
  const t = seconds(state.network.time.now())
  const failure = error && [node('error', { code: error.code, text: error.text })]
  session.connection.send(node('iq', { from: to, type: error ? 'error' : 'result', id, t }, failure ?? content))
  await after?.()
}

async function answerTo(state: WebState, session: Session, iq: Node): Promise<Answer> {
  const { xmlns = '' } = iq.attrs
  if (xmlns === 'w:p' || children(iq, 'ping').length > 0) return {}
  const answer = session.device ? await ANSWERERS[xmlns]?.(state, session.device, iq) : answerPairing(state, session, iq)
  if (answer) return answer
  note(state.unknown, iq)
  return refused(400, 'bad-request')
}
