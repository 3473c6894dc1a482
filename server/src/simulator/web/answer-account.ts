import { type Answer, type Answerer, NOT_FOUND, ok } from './answers.ts'
import { type Account, type Device, trust } from './devices.ts'
import { bytesOf, child, children, type Node, node } from './nodes.wire.ts'
import { numberOfJid } from './people.ts'
import { changePicture } from './pictures.ts'
import type { WebState } from './web-state.ts'

/** What belongs to the number: privacy, whom it has blocked, pictures. */
export const answerAccount: Readonly<Record<string, Answerer>> = {
  privacy: (_state, { account }, question) =>
    question.attrs.type === 'get' ? ok(privacyOf(account.privacy)) : setPrivacy(account, question),
  blocklist: (_state, { account }, question) =>
    question.attrs.type === 'get' ? ok(blockedOf(account.blocked)) : block(account.blocked, question),
  status: () => ok(),
  disappearing_mode: () => ok(),
  'w:biz': () => ok(node('business_profile')),
  'w:profile:picture': (state, device, question) =>
    question.attrs.type === 'get' ? pictureOf(state, question) : setPicture(state, device, question),
}

const privacyOf = (settings: ReadonlyMap<string, string>): Node =>
  node(
    'privacy',
    {},
    [...settings].map(([name, value]) => node('category', { name, value })),
  )

/** A category is set, or people are told that they are trusted. */
function setPrivacy(account: Account, question: Node): Answer {
  const { name, value } = child(child(question, 'privacy'), 'category')?.attrs ?? {}
  if (name !== undefined && value !== undefined) account.privacy.set(name, value)
  for (const { attrs } of children(child(question, 'tokens'), 'token')) if (attrs.jid) trust(account, attrs.jid)
  return ok()
}

const blockedOf = (blocked: ReadonlySet<string>): Node =>
  node(
    'list',
    {},
    [...blocked].map((jid) => node('item', { jid })),
  )

function block(blocked: Set<string>, question: Node): Answer {
  const { jid = '', action } = child(question, 'item')?.attrs ?? {}
  if (action === 'block') blocked.add(jid)
  else blocked.delete(jid)
  return ok()
}

function pictureOf({ pictures, media }: WebState, { attrs, ...question }: Node): Answer {
  const target = attrs.target ?? attrs.to ?? ''
  const picture = pictures.get(numberOfJid(target) ?? target)
  if (!picture) return NOT_FOUND
  const type = child({ attrs, ...question }, 'picture')?.attrs.type ?? 'image'
  return ok(node('picture', { id: picture.id, type, url: `https://${media.host}${picture.path}`, direct_path: picture.path }))
}

function setPicture(state: WebState, { account }: Device, question: Node): Answer {
  const given = child(question, 'picture')
  const target = question.attrs.target ?? account.person.phoneJid
  const id = changePicture(state, { of: numberOfJid(target) ?? target, by: account.person.number, bytes: given && bytesOf(given) })
  return id === undefined ? NOT_FOUND : ok(node('picture', { id }))
}
