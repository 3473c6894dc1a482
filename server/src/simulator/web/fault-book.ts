/** How the phone of a person names itself to the business. */
export type Addressing = 'number' | 'lid' | 'lid only'

/** Whether it is still the turn of one. */
export function takeOne(times: Map<string, number>, name: string): boolean {
  const left = times.get(name) ?? 0
  if (left > 1) times.set(name, left - 1)
  else times.delete(name)
  return left > 0
}

/** Faults that are switched on; numbers are E.164. */
export type FaultBook = {
  /** By business number: how a login is refused. */
  loginFailures: Map<string, number>
  /** By business number: the oldest revision of WhatsApp Web that may log in. */
  oldestRevisions: Map<string, number>
  /** Business numbers whose connections are cut at login. */
  refusing: Set<string>
  /** Business numbers whose logins nobody answers. */
  stalled: Set<string>
  /** Business numbers whose messages are read and never answered. */
  blackHoles: Set<string>
  /** By business number: acknowledgements that wait to be let go. */
  heldAcks: Map<string, (() => void)[]>
  /** By business number: milliseconds. */
  ackDelays: Map<string, number>
  /** By recipient: the error that its messages are refused with. */
  ackErrors: Map<string, number>
  /** By business number: the error that its questions about groups are refused with. */
  groupErrors: Map<string, number>
  /** By recipient: how many messages its phone cannot open yet. */
  unreadable: Map<string, number>
  /** By business number: until when no new chats may be begun, milliseconds. */
  reachoutLocks: Map<string, number>
  /** Phones that write to a list of people. */
  listWriters: Set<string>
  /** By phone: how many of its messages come without what they say. */
  hidden: Map<string, number>
  /** By phone. */
  addressing: Map<string, Addressing>
  /** By the number as it is asked for: as it is known. */
  spellings: Map<string, string>
}

export const openFaultBook = (): FaultBook => ({
  loginFailures: new Map(),
  oldestRevisions: new Map(),
  refusing: new Set(),
  stalled: new Set(),
  blackHoles: new Set(),
  heldAcks: new Map(),
  ackDelays: new Map(),
  ackErrors: new Map(),
  groupErrors: new Map(),
  unreadable: new Map(),
  reachoutLocks: new Map(),
  listWriters: new Set(),
  hidden: new Map(),
  addressing: new Map(),
  spellings: new Map(),
})
