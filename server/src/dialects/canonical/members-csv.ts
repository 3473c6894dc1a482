import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { getAudience, importMembers, listMembers, listVariableNames, type MemberInput } from '#core/audiences'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { DomainError } from '#kit/errors'
import { PAGE_MOST } from '#kit/paging'
import { Imported } from './audiences.wire.ts'
import { Path } from './ids.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Audiences'
/** With its libraries 9 MB, which few houses ever need. */
const openCsv = () => import('./members-csv.wire.ts')
const FILE_MOST = 128 * 1024 * 1024
/** Few enough that others are served between two of them. */
const LINES_AT_ONCE = 200
const ERRORS_SHOWN_MOST = 1_000

/** In a scope of its own: no other route takes CSV. */
export async function memberCsvRoutes(scope: FastifyInstance, door: Door): Promise<void> {
  scope.addContentTypeParser('text/csv', (_, payload, done) => done(null, payload))
  const app: App = scope.withTypeProvider()
  app.post(
    '/audiences/:id/import',
    {
      bodyLimit: FILE_MOST,
      schema: { ...about(TAG, importMembers, 'Import members from CSV'), params: Path('aud'), response: answers(200, Imported) },
    },
    async (request, reply) => {
      const { ctx, params, body } = request
      await getAudience(ctx, { audienceId: params.id })
      if (!(body instanceof Readable)) throw new DomainError('unsupported_media', 'The body is a CSV file: Content-Type: text/csv')
      const file = await spool(body)
      request.body = { sha256: file.sha256 } // what an Idempotency-Key stands for
      try {
        return await door.once(request, reply, {
          before: async (outside) => {
            const told = await importFile(outside, params.id, file.path)
            return async () => ({ status: 200, body: told })
          },
        })
      } finally {
        await rm(file.path, { force: true })
      }
    },
  )
  app.get(
    '/audiences/:id/export',
    {
      schema: {
        ...about(TAG, listMembers, 'Export members as CSV', 'audiences.members.export'),
        description:
          'All members: `to`, and a column for each variable. What a spreadsheet would take for a formula begins with an apostrophe.\n\nScope: `audiences:read`',
        params: Path('aud'),
      },
    },
    async ({ ctx, params }, reply) => {
      const { name } = await getAudience(ctx, { audienceId: params.id })
      const names = await listVariableNames(ctx, { audienceId: params.id })
      return reply
        .headers({
          'Content-Type': 'text/csv; charset=utf-8',
          'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}.csv`,
          'X-Content-Type-Options': 'nosniff',
        })
        .send(Readable.from(exportLines(ctx, params.id, names)))
    },
  )
}

/** To a file first: a client sends faster than lines are added, and a request must not take its time. */
async function spool(body: Readable): Promise<{ path: string; sha256: string }> {
  const path = join(tmpdir(), `chasqui-${randomUUID()}.csv`)
  const hash = createHash('sha256')
  let size = 0
  const bounded = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length
      hash.update(chunk)
      done(size > FILE_MOST ? new DomainError('too_large', 'A CSV file has at most 128 MiB') : null, chunk)
    },
  })
  try {
    await pipeline(body, bounded, createWriteStream(path, { mode: 0o600, flags: 'wx' }))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { path, sha256: hash.digest('hex') }
}

type Told = { added: number; skipped: number; wrong: number; memberCount: number; errors: { line: number; message: string }[] }

/** A piece at a time, each in a transaction of its own. */
async function importFile(ctx: Context, audienceId: string, path: string): Promise<Told> {
  const told: Told = { added: 0, skipped: 0, wrong: 0, memberCount: (await getAudience(ctx, { audienceId })).memberCount, errors: [] }
  const refuse = (line: number, message: string) => {
    told.wrong++
    if (told.errors.length < ERRORS_SHOWN_MOST) told.errors.push({ line, message })
  }
  const add = async (lines: { line: number; member: MemberInput }[]) => {
    if (lines.length === 0) return
    const { added, skipped, memberCount, wrong } = await importMembers(ctx, { audienceId, members: lines.map(({ member }) => member) })
    told.added += added
    told.skipped += skipped
    told.memberCount = memberCount
    for (const issue of wrong) refuse(lines[Number(issue.path.split('.')[1])]?.line ?? 0, `to: ${issue.message}`)
    await breathe()
  }
  let waiting: { line: number; member: MemberInput }[] = []
  const { readMembersCsv } = await openCsv()
  try {
    for await (const one of readMembersCsv(createReadStream(path))) {
      if ('wrong' in one) refuse(one.line, one.wrong)
      else waiting.push(one)
      if (waiting.length < LINES_AT_ONCE) continue
      await add(waiting)
      waiting = []
    }
    await add(waiting)
  } catch (error) {
    if (told.added === 0 || !(error instanceof DomainError)) throw error
    throw new DomainError(
      error.code,
      `${error.message} (${told.added} people of the lines before were added; sent again, they are skipped)`,
      error,
    )
  }
  told.errors.sort((a, b) => a.line - b.line)
  return told
}

async function* exportLines(ctx: Context, audienceId: string, names: readonly string[]): AsyncGenerator<string> {
  const { csvHeader, csvLines } = await openCsv()
  yield csvHeader(names)
  let cursor: string | undefined
  do {
    const { rows, next } = await listMembers(ctx, { audienceId, limit: PAGE_MOST, cursor })
    if (rows.length > 0) yield csvLines(rows, names)
    cursor = next
  } while (cursor !== undefined)
}
