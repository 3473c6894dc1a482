import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { FirstRun } from './first-run.ts'

/** The first request, ready to paste. */
function firstCurl(url: string, key: string): string {
  return [
    `curl -X POST ${url}/v2/messages \\`,
    `  -H 'Authorization: Bearer ${key}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"to": "+1 202 555 0123", "text": "Hello from Chasqui"}'`,
  ].join('\n')
}

const readFirstRun = (file: string): FirstRun | undefined => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined)

/** The phone's command as it is pasted into another terminal, which may not have this one's settings. */
function phoneCommand(firstRunFile: string): string {
  const dataDir = dirname(firstRunFile)
  const setting = dataDir === resolve('data') ? '' : `CHASQUI_DATA_DIR='${dataDir.replaceAll("'", "'\\''")}' `
  return `${setting}npm run chasqui -- phone +12025550123`
}

/** What the terminal shows once the house is open. */
export function welcomeWords(url: string, firstRunFile: string): string {
  const firstRun = readFirstRun(firstRunFile)
  const lines = [`Chasqui is open at ${url}`]
  if (firstRun) {
    lines.push('', 'Send a first message to a simulated phone:', '', firstCurl(url, firstRun.keys.canonical), '')
    lines.push('and see it arrive there, in another terminal:', '', `  ${phoneCommand(firstRunFile)}`, '')
    lines.push(`All first keys: ${firstRunFile}`)
  }
  lines.push(`API reference:  ${url}/docs`)
  return lines.join('\n')
}

/** The page at /. It shows no key: whoever reaches the port may read it. */
export function homePage(url: string, firstRunFile: string): string {
  const where = existsSync(firstRunFile)
    ? `Your keys are in <code>${escapeHtml(firstRunFile)}</code> on the server.`
    : 'Make a key with <code>npm run chasqui -- keys create --name first</code>.'
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Chasqui</title><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b}pre{background:#f4f4f2;padding:1rem;overflow:auto;border-radius:6px}code{font-family:ui-monospace,monospace;font-size:.9em}a{color:#0b6}</style></head>
<body><h1>Chasqui</h1><p>A self-hosted WhatsApp messaging platform: send now or later, over Meta's Cloud API, your own number, or the sandbox.</p>
<h2>The first message</h2><p>${where} With the <code>canonical</code> one:</p>
<pre><code>${escapeHtml(firstCurl(url, 'chq_test_…'))}</code></pre>
<p>It arrives on a simulated phone: <code>${escapeHtml(phoneCommand(firstRunFile))}</code> shows that phone's chat and lets you answer.</p>
<h2>Ways on</h2><ul>
<li><a href="/docs">API reference</a>, with a form to try each request</li><li><a href="/docs/blueticks-co">Blueticks-compatible API</a>: change the base URL of the client you have</li>
<li><a href="/healthz">Health</a>, <a href="/readyz">readiness</a>, <a href="/metrics">metrics</a></li></ul></body></html>
`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter)
