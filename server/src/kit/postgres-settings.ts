import { totalmem } from 'node:os'
import { HERE, PORT } from './postgres-lock.ts'

const MB = 1024 * 1024
const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, Math.round(value)))

/** For a small machine that it shares with us; all by -c, so that nothing is left behind in files. fsync stays on. */
function standard(): Record<string, string> {
  const memory = Math.min(totalmem(), process.constrainedMemory() || totalmem()) / MB // a container's bound, where there is one
  return {
    shared_buffers: `${clamp(memory / 8, 64, 256)}MB`,
    effective_cache_size: `${clamp(memory / 2, 256, 65_536)}MB`,
    work_mem: '8MB',
    maintenance_work_mem: `${clamp(memory / 16, 32, 128)}MB`,
    max_connections: '100',
    random_page_cost: '1.1',
    // few and long checkpoints: after each one every page touched is written whole once more
    max_wal_size: '2GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    // queue tables turn over many times an hour
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_vacuum_insert_scale_factor: '0.1',
    // what is common in a table hardly changes, and to find out takes a core for a moment
    autovacuum_analyze_scale_factor: '0.2',
    autovacuum_vacuum_cost_limit: '1000',
    // errors carry what people wrote: the house reports them, with less
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    cluster_name: 'chasqui',
  }
}

/** Where it listens is not up for change, not even by ALTER SYSTEM: we would wait for it elsewhere. */
const PINNED = { listen_addresses: '', port: String(PORT), unix_socket_directories: HERE }

/** The command line of the server. */
export const serverFlags = (more: Readonly<Record<string, string>>): string[] => [
  '-D',
  HERE,
  ...Object.entries({ ...standard(), ...more, ...PINNED }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
]
