/** Whole files of the suite that are run in the sandbox alone, and why. */
export const FILES_LEFT_OUT: Readonly<Record<string, string>> = {
  'bad-input': 'refused before any road is asked',
  refusals: 'keys, scopes, limits: refused before any road is asked',
}

/** Tests that make no sense over an own number, by file and full name, and why. */
export const TESTS_LEFT_OUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  chats: { 'a cloud number cannot pin, and says so': 'about a cloud number' },
  document: { 'a query > takes every word that the reference lists for it': 'about what is stored' },
  engines: { 'an engine > is nobody where none is linked, and cannot be logged out': 'about an account without a number' },
  sdk: { 'the live account has no number yet, and says so': 'about an account without a number' },
  'webhook-catalogue': {
    'every event of the catalogue happens and is told > a text that the network takes at the third try starts once':
      'what WhatsApp throttles waits a minute, twice',
    'every event of the catalogue happens and is told > a live workspace hears nothing of what happens under a test key, and the other way round':
      'about two workspaces, whatever their roads',
  },
}
