import pg from 'pg'

const GOODBYE_MOST_MS = 5_000

/** A pool whose `end` resolves when its connections are gone: pg's own resolves while they still say goodbye, and whoever stops PostgreSQL then cuts them off. */
export function openPool(options: pg.PoolConfig): { pool: pg.Pool; end(): Promise<void> } {
  const pool = new pg.Pool(options)
  let connections = 0
  pool.on('connect', (client) => {
    connections++
    // the pool hears its idle connections only: one that breaks in somebody's hands, between two statements, would end the process
    client.on('error', () => undefined)
  })
  pool.on('remove', () => connections--)
  return {
    pool,
    async end() {
      await pool.end()
      if (connections === 0) return
      await new Promise<void>((done) => {
        const late = setTimeout(done, GOODBYE_MOST_MS)
        pool.on('remove', () => {
          if (connections > 0) return
          clearTimeout(late)
          done()
        })
      })
    },
  }
}
