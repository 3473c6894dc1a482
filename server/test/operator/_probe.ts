import { mkdtempSync, rmSync, readFileSync } from 'node:fs'
import { readConfig } from '../../src/config.ts'
import { openHouse } from '../../src/house.ts'
process.on('unhandledRejection', (e) => console.log('UNHANDLED', e))
const dir = mkdtempSync('/tmp/nu-probe-')
for (let i = 0; i < 25; i++) {
  const house = await openHouse(readConfig({ CHASQUI_DATA_DIR: dir, CHASQUI_PORT: '0', CHASQUI_LOG_LEVEL: 'info', CHASQUI_LOG_FILE: dir + '/log' }))
  await house.listen()
  const key = JSON.parse(readFileSync(dir + '/first-run.json', 'utf8')).keys.canonical
  const posts = Array.from({ length: 20 }, (_, n) => fetch(house.url + '/v2/messages', { method: 'POST', headers: { authorization: 'Bearer ' + key, 'content-type': 'application/json' }, body: JSON.stringify({ to: '+1202555' + (1000 + n), text: 'x' }) }).then((a) => a.text(), () => 0))
  if (i % 3 !== 0) await Promise.all(posts)
  await new Promise((f) => setTimeout(f, Math.random() * (i % 2 ? 1500 : 100)))
  const t = performance.now()
  await house.close()
  process.stdout.write(Math.round(performance.now() - t) + ' ')
  await Promise.all(posts)
}
await new Promise((f) => setTimeout(f, 3000))
console.log()
for (const line of readFileSync(dir + '/log', 'utf8').split('\n')) if (line && JSON.parse(line).level >= 40) console.log(line.slice(0, 1200))
rmSync(dir, { recursive: true, force: true })
