/** Whole files of the suite that are run in the sandbox alone, and why. */
export const FILES_LEFT_OUT: Readonly<Record<string, string>> = {
  'bad-input': 'refused before any road is asked',
  refusals: 'keys, scopes, limits: refused before any road is asked',
}
