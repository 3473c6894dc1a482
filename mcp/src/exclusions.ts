const FILE = 'answers with a file or a stream, which is no tool result'
const KEYS = 'the keys of a workspace are a matter of people'

/** Operations of the API that are in no tool, and why. */
export const EXCLUDED: Readonly<Record<string, string>> = {
  'events.stream': FILE,
  'media.download': FILE,
  'audiences.members.export': FILE,
  'audiences.members.import': 'takes a CSV file',
  'messages.delete': 'the same as messages.cancel',
  'keys.list': KEYS,
  'keys.create': KEYS,
  'keys.revoke': KEYS,
}
