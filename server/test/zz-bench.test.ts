import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
import { resolveContacts } from '#core/contacts'
import { resolveConversations } from '#core/conversations'
import { all, inTransaction, sql } from '#kit/db'
import { testWorkspace } from './context.ts'
import { testDatabase } from './database.ts'
import { CLOUD } from './rows.ts'
import { createChannel } from '#core/channels'
test('speed', async () => {
  const open = await testDatabase({ own: true })
  const { ctx } = await testWorkspace(open)
  const out: string[] = []
  const channel = await createChannel(ctx, CLOUD)
  for (const pool of [open.database.engine, open.database.db]) {
  for (let r = 0; r < 4; r++) {
    const base = pool === open.database.db ? 5000000 : 2000000
    const people = Array.from({ length: 1000 }, (_, i) => ({ identities: [{ kind: 'phone' as const, value: `+1415${base + r * 1000 + i}` }] }))
    for (const what of ['make', 'find']) {
      const b = performance.now()
      let m = 0
      await inTransaction(pool, {}, async (tx) => {
        const c = await resolveContacts(tx, ctx.workspaceId, people)
        m = performance.now()
        await resolveConversations(tx, people.map((p, i) => ({ workspaceId: ctx.workspaceId, channelId: channel.id, contactId: c[i]?.id, address: p.identities[0]?.value ?? '' })))
      })
      out.push(`${what} contacts ${Math.round(m - b)} ms, conversations ${Math.round(performance.now() - m)} ms`)
    }
  }
  const kinds = Array.from({ length: 1000 }, () => 'phone'), values = kinds.map((_, i) => `+1415${2000000 + i}`)
  for (const generic of [false, true]) {
  const plan = await inTransaction(pool, {}, async (tx) => { if (generic) await sql`set local plan_cache_mode = force_generic_plan`.execute(tx); return all(tx, sql<{ 'QUERY PLAN': string }>`explain analyze select i.kind, i.value, i.contact_id, c.phone, c.profile_name
      from unnest(${kinds}::text[], ${values}::text[]) as w(kind, value)
      join contact_identities i on i.workspace_id = ${ctx.workspaceId} and i.kind = w.kind and i.value = w.value
      join contacts c on c.id = i.contact_id`) })
  out.push(...plan.map((p) => p['QUERY PLAN']))
  }
  }
  writeFileSync('/tmp/zz-bench.txt', out.join('\n'))
  await open.close()
})
