import { readFileSync, statSync } from 'node:fs'

/** The user a PostgreSQL process runs as. */
export type Identity = { name: string; uid: number; gid: number }

/** Nobody else when we are not root (undefined). Root hands over to whoever owns `cluster` already, else to `postgres` or `nobody`. */
export function chooseIdentity(cluster: string): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (owner && owner.uid !== 0) return { name: `the user ${owner.uid}`, uid: owner.uid, gid: owner.gid }
  const found = knownUser('postgres') ?? knownUser('nobody')
  if (!found) {
    throw new Error(
      'PostgreSQL does not run as root and this system has neither a user "postgres" nor "nobody": start Chasqui as another user, or set DATABASE_URL.',
    )
  }
  if (owner) throw new Error(`${cluster} belongs to root, as whom PostgreSQL does not run: chown -R ${found.name} ${cluster}`)
  return found
}

/** What spawn() wants to hear about an identity. */
export const asIdentity = (who: Identity | undefined): { uid?: number; gid?: number } => (who ? { uid: who.uid, gid: who.gid } : {})

/** Refuses a cluster that an ordinary user started under another name could neither read nor serve. */
export function refuseForeignCluster(cluster: string): void {
  const uid = process.getuid?.()
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (owner && uid !== undefined && uid !== 0 && owner.uid !== uid) {
    throw new Error(
      `${cluster} belongs to the user ${owner.uid} and this process runs as ${uid}: start Chasqui as the user it was started as before.`,
    )
  }
}

function knownUser(name: string): Identity | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  if (!line) return undefined
  const [, , uid, gid] = line.split(':')
  return { name, uid: Number(uid), gid: Number(gid) }
}
