import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

/** A door's document, made when somebody asks for it. */
export type Reference = { name: string; title: string; document(): unknown }

const SCRIPT = '/docs/reference.js'

/** The API references: a page and an OpenAPI document a door, everything served by us. */
export function addReferencePages(app: FastifyInstance, references: () => readonly Reference[]): void {
  const find = (name: string) => references().find((reference) => reference.name === name)
  const documents = new Map<string, string>()
  const documentOf = (reference: Reference) => {
    const known = documents.get(reference.name) ?? JSON.stringify(reference.document())
    documents.set(reference.name, known)
    return known
  }
  for (const old of ['/docs', '/docs/', '/docs/api', '/api-docs'])
    app.get(old, (_, reply) => reply.redirect(`/docs/${references()[0]?.name ?? ''}`, 302))
  app.get<{ Params: { name: string } }>('/docs/:name', (request, reply) => {
    const reference = find(request.params.name)
    if (!reference) return reply.callNotFound()
    return reply.headers(PAGE_HEADERS).send(page(reference, references()))
  })
  app.get<{ Params: { name: string } }>('/docs/:name/openapi.json', (request, reply) => {
    const reference = find(request.params.name)
    if (!reference) return reply.callNotFound()
    return reply.type('application/json; charset=utf-8').send(documentOf(reference))
  })
  const script = rememberScript()
  app.get(SCRIPT, async (_, reply) =>
    reply
      .headers({
        'Content-Type': 'text/javascript; charset=utf-8',
        'Content-Encoding': 'gzip',
        'Cache-Control': 'public, max-age=86400',
        'X-Content-Type-Options': 'nosniff',
      })
      .send(await script()),
  )
}

const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

/** So that no browser asks for one. */
const ICON = '<link rel="icon" href="data:,">'

function page(reference: Reference, all: readonly Reference[]): string {
  const options = {
    withDefaultFonts: false,
    telemetry: false,
    hideClientButton: true,
    agent: { disabled: true },
    mcp: { disabled: true },
    showDeveloperTools: 'never',
    orderSchemaPropertiesBy: 'preserve', // the important ones stand first in our schemas
    persistAuth: false,
    sources: [reference, ...all.filter((other) => other !== reference)].map(({ name, title }) => ({
      title,
      slug: name,
      url: `/docs/${name}/openapi.json`,
    })),
  }
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(reference.title)}</title>${ICON}</head>
<body><script id="api-reference" data-configuration="${escapeHtml(JSON.stringify(options))}"></script><script src="${SCRIPT}"></script></body>
</html>`
}

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Runs in a process of its own: the package holds its browser script inside a module of 4 MB, which would stay in our memory. */
const READ_SCRIPT = `
import reference from '@scalar/fastify-api-reference'
const routes = []
const host = { route: (route) => routes.push(route), hasPlugin: () => false, log: { warn() {} }, initialConfig: {} }
reference(host, { routePrefix: '/docs', configuration: { url: '/openapi.json' } }, () => {})
const answer = { header: () => answer, send: (body) => process.stdout.write(body) }
routes.find(({ url }) => url.endsWith('.js')).handler({}, answer)
`

/** The browser script, compressed; made at the first request, asked again after a failure. */
function rememberScript(): () => Promise<Buffer> {
  let known: Promise<Buffer> | undefined
  const read = async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', READ_SCRIPT], {
      cwd: import.meta.dirname,
      maxBuffer: 32 * 1024 * 1024,
      timeout: 20_000,
      encoding: 'buffer',
    })
    return promisify(gzip)(stdout)
  }
  return () => {
    known ??= read()
    known.catch(() => {
      known = undefined
    })
    return known
  }
}
