import { hkdfSync, randomBytes } from 'node:crypto'
import { aesDecryptCTR, aesDecryptGCM, aesEncryptCTR, Curve, derivePairingCodeKey, type KeyPair } from 'baileys'
import { type Answer, ok, refused } from './answers.ts'
import { bytesOf, child, type Node, newStanzaId, node, SERVER_JID, seconds } from './nodes.wire.ts'
import { link } from './pairing.ts'
import { numberOfJid } from './people.ts'
import { accountOf, type Candidate, type CodePairing, type Session, type WebState } from './web-state.ts'

const EMPTY = Buffer.alloc(0)
const [SALT_BYTES, BLOCK_BYTES, KEY_BYTES, NONCE_BYTES] = [32, 16, 32, 12]

/** A companion without a camera in front of it: it shows eight letters, and the phone types them. */
export function answerPairing(state: WebState, session: Session, question: Node): Answer | undefined {
  const told = child(question, 'link_code_companion_reg')
  const { candidate } = session
  if (!told || !candidate) return undefined
  return told.attrs.stage === 'companion_hello' ? begin(candidate, told) : finish(state, session, { candidate, told })
}

function begin(candidate: Candidate, told: Node): Answer {
  const ref = randomBytes(16)
  candidate.code = {
    number: numberOfJid(told.attrs.jid) ?? '',
    wrapped: bytesOf(child(told, 'link_code_pairing_wrapped_companion_ephemeral_pub')),
    ref,
    typed: undefined,
  }
  return ok(node('link_code_companion_reg', { stage: 'companion_hello' }, [node('link_code_pairing_ref', {}, ref)]))
}

/** The phone of a number types the letters. Resolves when the companion is linked; throws when nobody waits, or the letters are others. */
export async function enterCode(state: WebState, number: string, code: string): Promise<void> {
  const session = [...state.sessions].findLast(({ candidate }) => candidate?.code?.number === number)
  const pairing = session?.candidate?.code
  if (!session || !pairing) throw new Error(`No companion waits for a code of ${number}`)
  const secret = code.replace(/[\s-]/g, '').toUpperCase()
  const { wrapped } = pairing
  const theirs = aesDecryptCTR(
    wrapped.subarray(-KEY_BYTES),
    await derivePairingCodeKey(secret, wrapped.subarray(0, SALT_BYTES)),
    wrapped.subarray(SALT_BYTES, SALT_BYTES + BLOCK_BYTES),
  )
  const ephemeral = Curve.generateKeyPair()
  pairing.typed?.done(new Error('The letters were typed once more since'))
  await new Promise<void>((resolve, reject) => {
    pairing.typed = { ephemeral, theirs, done: (error) => (error ? reject(error) : resolve()) }
    void hello(state, session, { number, pairing, secret, ephemeral })
  })
}

type Greeting = { number: string; pairing: CodePairing; secret: string; ephemeral: KeyPair }

/** The phone's key, wrapped with the letters as the companion's was. */
async function hello(state: WebState, { connection }: Session, { number, pairing, secret, ephemeral }: Greeting): Promise<void> {
  const [salt, block] = [randomBytes(SALT_BYTES), randomBytes(BLOCK_BYTES)]
  const wrapped = Buffer.concat([salt, block, aesEncryptCTR(ephemeral.public, await derivePairingCodeKey(secret, salt), block)])
  const { person } = accountOf(state, number)
  const attrs = { from: SERVER_JID, id: newStanzaId(), type: 'link_code_companion_reg', t: seconds(state.network.time.now()) }
  const told = node('link_code_companion_reg', { jid: person.phoneJid, stage: 'primary_hello' }, [
    node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrapped),
    node('primary_identity_pub', {}, person.signal.identity.public),
    node('link_code_pairing_ref', {}, pairing.ref),
  ])
  connection.send(node('notification', attrs, [told]))
}

/** Both have the same secret now, if the letters were the same. */
function finish(state: WebState, session: Session, { candidate, told }: { candidate: Candidate; told: Node }): Answer {
  const { code } = candidate
  if (!code?.typed) return refused(400, 'bad-request')
  const { typed, number } = code
  const secret = secretOf(accountOf(state, number).person.signal.identity, candidate, { code, told })
  if (!secret) {
    typed.done(new Error('These are not the letters that the companion shows'))
    return refused(401, 'not-authorized')
  }
  // the companion answers on this same connection: waiting for it here would be for ever
  const after = () => void link(state, { session, candidate, number, secret }).then(() => typed.done(), typed.done)
  return { after }
}

function secretOf(identity: KeyPair, candidate: Candidate, { code, told }: { code: CodePairing; told: Node }): Buffer | undefined {
  if (!code.typed) return undefined
  const bundle = bytesOf(child(told, 'link_code_pairing_wrapped_key_bundle'))
  const [salt, nonce] = [bundle.subarray(0, SALT_BYTES), bundle.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES)]
  const shared = Curve.sharedKey(code.typed.ephemeral.private, code.typed.theirs)
  const key = derive(shared, salt, 'link_code_pairing_key_bundle_encryption_key')
  try {
    const plain = aesDecryptGCM(bundle.subarray(SALT_BYTES + NONCE_BYTES), key, nonce, EMPTY)
    if (!plain.subarray(0, KEY_BYTES).equals(Buffer.from(candidate.keys.identity))) return undefined
    const between = Curve.sharedKey(identity.private, candidate.keys.identity)
    return derive(Buffer.concat([shared, between, plain.subarray(2 * KEY_BYTES)]), EMPTY, 'adv_secret')
  } catch {
    return undefined
  }
}

const derive = (data: Uint8Array, salt: Uint8Array, info: string): Buffer => Buffer.from(hkdfSync('sha256', data, salt, info, KEY_BYTES))
