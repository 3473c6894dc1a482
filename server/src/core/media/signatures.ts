type Signature = { type: string; matches(bytes: Buffer): boolean }

const starts =
  (words: string, at = 0) =>
  (bytes: Buffer) =>
    bytes.subarray(at, at + words.length).equals(Buffer.from(words, 'latin1'))
const hasWords = (bytes: Buffer, words: string, most: number) => bytes.subarray(0, most).includes(words, 0, 'latin1')
const both =
  (...tests: ((bytes: Buffer) => boolean)[]) =>
  (bytes: Buffer) =>
    tests.every((test) => test(bytes))
/** The brand of a file of the MP4 family. */
const brand = (names: RegExp) => (bytes: Buffer) => starts('ftyp', 4)(bytes) && names.test(bytes.toString('latin1', 8, 12))
/** An MPEG audio frame: eleven ones, then version and layer. */
const frame = (layer: number) => (bytes: Buffer) =>
  bytes.length > 2 && bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0 && (((bytes[1] ?? 0) >> 1) & 3) === layer
/** An Office file is a zip whose members say which. */
const zipOf = (folder: string) => (bytes: Buffer) =>
  starts('PK\x03\x04')(bytes) && (hasWords(bytes, folder, 8_192) || bytes.subarray(-65_536).includes(folder, 0, 'latin1'))

/** What files begin with; the first that matches says it. */
const SIGNATURES: readonly Signature[] = [
  { type: 'image/jpeg', matches: starts('\xff\xd8\xff') },
  { type: 'image/png', matches: starts('\x89PNG\r\n\x1a\n') },
  { type: 'image/gif', matches: starts('GIF8') },
  { type: 'image/webp', matches: both(starts('RIFF'), starts('WEBP', 8)) },
  { type: 'image/bmp', matches: both(starts('BM'), starts('\0\0\0\0', 6)) },
  { type: 'image/tiff', matches: (bytes) => starts('II*\0')(bytes) || starts('MM\0*')(bytes) },
  { type: 'image/heic', matches: brand(/^(hei[cxms]|mif1|msf1)/) },
  { type: 'image/avif', matches: brand(/^avi[fs]/) },
  { type: 'application/pdf', matches: (bytes) => hasWords(bytes, '%PDF-', 1_024) },
  { type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', matches: zipOf('word/') },
  { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', matches: zipOf('xl/') },
  { type: 'application/vnd.openxmlformats-officedocument.presentationml.presentation', matches: zipOf('ppt/') },
  { type: 'application/zip', matches: (bytes) => starts('PK\x03\x04')(bytes) || starts('PK\x05\x06')(bytes) },
  { type: 'application/x-ole-storage', matches: starts('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1') },
  { type: 'audio/wav', matches: both(starts('RIFF'), starts('WAVE', 8)) },
  { type: 'audio/amr', matches: starts('#!AMR') },
  { type: 'audio/flac', matches: starts('fLaC') },
  { type: 'video/ogg', matches: (bytes) => starts('OggS')(bytes) && hasWords(bytes, '\x80theora', 256) },
  { type: 'audio/ogg', matches: starts('OggS') },
  { type: 'audio/mp4', matches: brand(/^M4[AB]/) },
  { type: 'video/3gpp', matches: brand(/^3g/) },
  { type: 'video/quicktime', matches: brand(/^qt/) },
  { type: 'video/mp4', matches: starts('ftyp', 4) },
  { type: 'video/webm', matches: (bytes) => starts('\x1a\x45\xdf\xa3')(bytes) && hasWords(bytes, 'webm', 256) },
  { type: 'video/x-matroska', matches: starts('\x1a\x45\xdf\xa3') },
  { type: 'audio/mpeg', matches: starts('ID3') },
  { type: 'audio/aac', matches: frame(0) },
  { type: 'audio/mpeg', matches: frame(1) },
]

/** Types that their bytes would give away: a file that claims one and does not begin like one is not one. */
export const RECOGNISABLE: ReadonlySet<string> = new Set(SIGNATURES.map(({ type }) => type))

/** The type that the first bytes tell; undefined when they tell none. */
export const readSignature = (bytes: Buffer): string | undefined => SIGNATURES.find(({ matches }) => matches(bytes))?.type
