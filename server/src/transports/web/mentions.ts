import { toAddress, toJid, userJid } from './addresses.ts'

const MENTION = /@\[([^\]\n]{1,256})\]\(<?([^\s()<>]{5,64})>?\)/g
const MENTIONS_MOST = 256

/** `@[Display name](jid)` in a text becomes the @number that phones show as a name, and the JIDs of those mentioned. */
export function readMentions(text: string): { text: string; jids: string[] } {
  const jids = new Set<string>()
  const shown = text.replace(MENTION, (whole, _name: string, who: string) => {
    const jid = userJid(who) ?? userJid(toJid(who))
    if (jid === undefined || (jids.size >= MENTIONS_MOST && !jids.has(jid))) return whole
    jids.add(jid)
    return `@${jid.replace(/@.*/, '')}`
  })
  return { text: shown, jids: [...jids] }
}

/** The people a message mentions, as our tables write them. */
export const mentionedOf = (jids: readonly string[] | null | undefined): string[] =>
  (jids ?? []).slice(0, MENTIONS_MOST).flatMap((jid) => toAddress(jid) ?? [])
