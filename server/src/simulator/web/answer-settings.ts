import { decodeSyncdPatch, newLTHashState, proto, type WAPatchName } from 'baileys'
import { type Answerer, ok } from './answers.ts'
import { type Account, type Collection, type Device, post } from './devices.ts'
import { bytesOf, child, children, type Node, newStanzaId, node, SERVER_JID, seconds } from './nodes.wire.ts'
import { inTurn, noTurns } from './turns.ts'
import type { WebState } from './web-state.ts'

/** Settings that all devices of a number share: what is archived, pinned, read, muted. Kept as signed patches that the server cannot read; the phone can. */
export const answerSettings: Answerer = async (state, device, question) => {
  const asked = children(child(question, 'sync'), 'collection')
  const collections: Node[] = []
  for (const one of asked) collections.push(await answerCollection(state, device, one))
  return ok(node('sync', {}, collections))
}

async function answerCollection(state: WebState, device: Device, asked: Node): Promise<Node> {
  const name = asked.attrs.name as WAPatchName // a client names no other; an unknown one is a collection of its own
  const version = Number(asked.attrs.version ?? 0)
  const kept = collectionOf(device.account, name)
  const patch = child(asked, 'patch')
  if (!patch) {
    const missing = kept.patches.slice(version).map((bytes) => node('patch', {}, bytes))
    return node('collection', { name, version: kept.state.version }, missing.length > 0 ? [node('patches', {}, missing)] : [])
  }
  const error = await inTurn(kept, () => take(device.account, { name, kept, version, bytes: bytesOf(patch) }))
  if (error !== undefined) return node('collection', { name, type: 'error' }, [node('error', { code: error })])
  tellSiblings(state, device, name)
  return node('collection', { name, version: kept.state.version })
}

const collectionOf = ({ collections }: Account, name: string): Collection => {
  const known = collections.get(name)
  if (known) return known
  const begun = { ...noTurns(), state: newLTHashState(), patches: [] }
  collections.set(name, begun)
  return begun
}

type Patch = { name: WAPatchName; kept: Collection; version: number; bytes: Buffer }

/** The phone checks the signatures and does what the patch says; answers the error when it does not. */
async function take(account: Account, { name, kept, version, bytes }: Patch): Promise<number | undefined> {
  if (version !== kept.state.version) return 409
  const patch = proto.SyncdPatch.decode(bytes)
  patch.version = { version: kept.state.version + 1 }
  const encoded = proto.SyncdPatch.encode(patch).finish()
  try {
    const done: [string, proto.ISyncActionValue][] = []
    const keyOf = async (id: string) =>
      id === Buffer.from(account.settingsKey.id).toString('base64') ? account.settingsKey.data : undefined
    const mutate = ({ syncAction }: { syncAction: proto.ISyncActionData }) =>
      void done.push([Buffer.from(syncAction.index ?? []).toString('utf8'), syncAction.value ?? {}])
    const { hash, indexValueMap } = await decodeSyncdPatch(patch, name, kept.state, keyOf, mutate, true)
    kept.state = { version: kept.state.version + 1, hash, indexValueMap }
    kept.patches.push(encoded)
    for (const [index, value] of done) account.settings.set(index, value)
    return undefined
  } catch {
    return 400
  }
}

function tellSiblings({ network }: WebState, device: Device, name: string): void {
  for (const sibling of device.account.devices.values()) {
    if (sibling === device) continue
    const attrs = { from: SERVER_JID, id: newStanzaId(), type: 'server_sync', t: seconds(network.time.now()) }
    post(sibling, node('notification', attrs, [node('collection', { name, version: collectionOf(device.account, name).state.version })]))
  }
}
