import { encodeBigEndian } from 'baileys'
import { type Answer, type Answerer, ok } from './answers.ts'
import { bundleNodes, type Device } from './devices.ts'
import { bytesOf, child, children, type Node, node, wholeOf } from './nodes.wire.ts'
import { deviceOfJid } from './people.ts'
import type { WebState } from './web-state.ts'

const KEYS_MOST = 5_000

/** Keys of devices: how many are left, new ones, those of others. */
export const answerKeys: Answerer = (state, device, question) => {
  if (child(question, 'count')) return ok(node('count', { value: device.preKeys.length }))
  if (child(question, 'digest')) return ok(digestOf(device))
  const asked = child(question, 'key')
  if (asked)
    return ok(
      node(
        'list',
        {},
        children(asked, 'user').map((user) => keysOf(state, user.attrs.jid ?? '')),
      ),
    )
  const rotated = child(child(question, 'rotate'), 'skey')
  if (rotated) {
    device.signedPreKey = { ...keyOf(rotated), signature: bytesOf(child(rotated, 'signature')) }
    return ok()
  }
  const list = child(question, 'list')
  return list && takeKeys(device, list)
}

const keyOf = (key: Node) => ({ id: wholeOf(child(key, 'id')), value: bytesOf(child(key, 'value')) })

function takeKeys(device: Device, list: Node): Answer {
  device.preKeys = [...device.preKeys, ...children(list, 'key').map(keyOf)].slice(-KEYS_MOST)
  device.isAskedForKeys = false
  return ok()
}

const digestOf = ({ registrationId, identity }: Device): Node =>
  node('digest', {}, [node('registration', {}, encodeBigEndian(registrationId)), node('identity', {}, identity)])

function keysOf(state: WebState, jid: string): Node {
  const person = state.people.byJid(jid)
  const id = deviceOfJid(jid)
  const companion = person && state.accounts.get(person.number)?.devices.get(id)
  const keys = id === 0 ? person?.signal.bundleNodes() : companion && bundleNodes(companion)
  return node('user', { jid }, keys ?? [node('error', { code: 404, text: 'item-not-found' })])
}
