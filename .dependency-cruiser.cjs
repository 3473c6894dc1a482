// The import law of ARCHITECTURE.md. Arrows go one way: main -> house -> parts -> core -> kit.
const PARTS = '(dialects|http|dispatch|transports|simulator)'
const within = (path) => `^server/src/${path}`
const packages = (...names) => `(^|/)node_modules/(${names.join('|')})(/|$)`
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid('no-circles', 'No import circles, circles of types included.', {}, { circular: true }),
    forbid('all-resolve', 'An import that does not resolve slips past every other rule.', {}, { couldNotResolve: true }),
    forbid(
      'kit-is-ground',
      'kit holds words without a domain and imports nothing of ours.',
      { path: within('kit/') },
      { path: within(''), pathNot: within('kit/') },
    ),
    forbid(
      'core-stands-on-kit',
      'core knows no door, no road and no engine.',
      { path: within('core/') },
      { path: within(''), pathNot: within('(core|kit)/') },
    ),
    forbid(
      'core-is-vendor-free',
      'HTTP, network and vendors stay outside core.',
      { path: within('core/') },
      {
        path: [
          packages(
            'fastify',
            '@fastify',
            'fastify-[^/]+',
            'undici',
            'baileys',
            'better-auth',
            'nodemailer',
            'flydrive',
            '@modelcontextprotocol',
          ),
          '^(node:)?(http|http2|https|net|tls)$',
        ],
      },
    ),
    forbid(
      'nouns-by-their-door',
      'A noun of core sees another noun only through its index.ts.',
      { path: within('core/([^/]+)/') },
      { path: within('core/'), pathNot: [within('core/$1/'), within('core/[^/]+/index[.]ts$')] },
    ),
    forbid(
      'core-by-its-doors',
      'Whoever is outside core enters a noun through #core/<noun>.',
      { path: within(''), pathNot: within('core/') },
      { path: within('core/'), pathNot: within('core/[^/]+/index[.]ts$') },
    ),
    forbid(
      'parts-are-strangers',
      'The parts never import each other: the house hands neighbours over.',
      { path: within(`${PARTS}/`) },
      { path: within(`${PARTS}/`), pathNot: within('$1/') },
    ),
    forbid(
      'one-dialect-one-transport',
      'A dialect or transport imports no other one, nor the list it stands in.',
      { path: within('(dialects|transports)/([^/]+)/') },
      { path: within('$1/'), pathNot: within('$1/$2/') },
    ),
    forbid(
      'nobody-imports-upwards',
      'Only main.ts and the command serve open the house.',
      { path: within(''), pathNot: within('(main|cli|commands/serve)[.]ts$') },
      { path: within('(main|cli|house)[.]ts$') },
    ),
    forbid(
      'rooms-import-no-roof',
      'What stands at the root of src puts the parts together; no part reaches up to it.',
      { path: within('(core|kit|dialects|http|dispatch|transports|simulator)/') },
      { path: within('[^/]+[.]ts$') },
    ),
    forbid(
      'main-opens-the-house',
      'main.ts and cli.ts read the config and open the house.',
      { path: within('(main|cli)[.]ts$') },
      { path: within(''), pathNot: within('(house[.]ts$|config[.]ts$|kit/|commands/index[.]ts$)') },
    ),
    forbid(
      'sql-in-stores',
      'Only *.store.ts, kit/db.ts and kit/db-*.ts speak to the database.',
      { path: within(''), pathNot: [within('.+[.]store[.]ts$'), within('kit/db[.]ts$'), within('kit/db-[a-z]+[.]ts$')] },
      { path: packages('kysely', 'pg', '@types/pg', 'pg-[^/]+') },
    ),
    forbid(
      'baileys-only-in-web',
      'The library of the own-number road stays with that road and with its simulated server.',
      { path: within(''), pathNot: within('(transports|simulator)/web/') },
      { path: packages('baileys', 'libsignal') },
    ),
    forbid(
      'web-is-loaded-late',
      'It is large: whoever needs it imports it when the first own number does.',
      { path: within(''), pathNot: within('simulator/web/') },
      { path: within('simulator/web/'), dynamic: false, dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'mcp-is-a-client',
      'The MCP server knows the server by its HTTP API only, and the server does not know it.',
      { path: '^(mcp|server)/' },
      { path: '^(mcp|server)/', pathNot: '^$1/' },
    ),
    forbid('tests-are-leaves', 'Nothing imports a test.', { pathNot: '[.]test[.]ts$' }, { path: '[.]test[.]ts$' }),
  ],
  options: {
    tsPreCompilationDeps: true, // type-only imports count too
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
