const FILE = 'answers with a file or a stream, which is no tool result'
const LINKING = 'whoever sees a QR or its letters can link a phone, which is a matter of people'
const KEYS = 'the keys of a workspace are a matter of people'

/** Operations of the API that are in no tool, and why. */
export const EXCLUDED: Readonly<Record<string, string>> = {
  'events.stream': FILE,
  'media.download': FILE,
  'audiences.members.export': FILE,
  'audiences.members.import': 'takes a CSV file',
  'messages.delete': 'the same as messages.cancel',
  'channels.get-link': LINKING,
  'channels.request-pairing-code': LINKING,
  'channels.link': LINKING,
  'keys.list': KEYS,
  'keys.create': KEYS,
  'keys.revoke': KEYS,
}
