import { Parser } from 'htmlparser2'
import { type LinkPreview, URL_MOST } from './link-preview.ts'

const TITLE_MOST = 300
const DESCRIPTION_MOST = 600
/** Of what is gathered from one element, before it is tidied. */
const GATHERED_MOST = 4_000

/** By the page's own names; the first of each list that says something counts. */
const TITLES = ['og:title', 'twitter:title', '<title>']
const DESCRIPTIONS = ['og:description', 'twitter:description', 'description']
const ADDRESSES = ['og:url', '<canonical>']
const PICTURES = ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image', 'twitter:image:src']
const KNOWN = new Set([...TITLES, ...DESCRIPTIONS, ...ADDRESSES, ...PICTURES])

type Page = { html: Buffer; contentType: string; url: string }

/** What the head of a page says of itself; the page may be cut anywhere. */
export function readPage({ html, contentType, url }: Page): LinkPreview {
  const said = gather(decode(html, contentType))
  const pick = (names: readonly string[], most: number) => names.map((name) => tidy(said.get(name) ?? '', most)).find(Boolean)
  return {
    title: pick(TITLES, TITLE_MOST),
    description: pick(DESCRIPTIONS, DESCRIPTION_MOST),
    canonicalUrl: absolute(pick(ADDRESSES, GATHERED_MOST), url) ?? url,
    thumbnail: absolute(pick(PICTURES, GATHERED_MOST), url),
  }
}

function gather(html: string): Map<string, string> {
  const said = new Map<string, string>()
  const note = (name: string, value: string) => {
    if (KNOWN.has(name) && !said.has(name)) said.set(name, value.slice(0, GATHERED_MOST))
  }
  let title: string | undefined
  const parser = new Parser({
    onopentag(tag, { name, property, content, rel, href }) {
      if (tag === 'title') title = ''
      if (tag === 'meta') note((property ?? name ?? '').trim().toLowerCase(), content ?? '')
      if (tag === 'link' && /(^|\s)canonical(\s|$)/i.test(rel ?? '')) note('<canonical>', href ?? '')
    },
    ontext(text) {
      if (title !== undefined && title.length < GATHERED_MOST) title += text
    },
    onclosetag(tag) {
      if (tag === 'title' && title !== undefined) note('<title>', title)
      if (tag === 'title') title = undefined
    },
  })
  parser.end(html)
  return said
}

const tidy = (text: string, most: number): string =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, most)
    .toWellFormed() // a cut may fall within a letter

function absolute(address: string | undefined, base: string): string | undefined {
  const url = address === undefined ? null : URL.parse(address, base)
  return url && /^https?:$/.test(url.protocol) && url.href.length <= URL_MOST ? url.href : undefined
}

const SNIFFED = 1_024
const CHARSET = /charset\s*=\s*["']?\s*([\w-]{1,40})/i

/** By the charset that the answer names, else the page. */
function decode(html: Buffer, contentType: string): string {
  const label = CHARSET.exec(contentType)?.[1] ?? CHARSET.exec(html.toString('latin1', 0, SNIFFED))?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(label).decode(html)
  } catch {
    return html.toString('utf8') // a charset that nobody knows
  }
}
