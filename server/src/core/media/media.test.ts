import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DomainError } from '#kit/errors'
import { HttpClientError } from '#kit/http-client'
import { withTransaction } from '#kit/operation'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { fetchMedia, findMediaFiles, type GuardedHttp, getMedia, openMedia, storeBase64, storeMedia } from './index.ts'

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

let open: TestDatabase
let dataDir: string
beforeAll(async () => {
  open = await testDatabase()
  dataDir = mkdtempSync(join(tmpdir(), 'chasqui-files-'))
})
afterAll(async () => {
  rmSync(dataDir, { recursive: true })
  await open.close()
})

const withFiles = (http?: GuardedHttp) => testWorkspace(open, { dataDir, ...(http && { ports: { http } }) })
const filesOf = (workspaceId: string) =>
  readdirSync(join(dataDir, 'files'), { recursive: true, withFileTypes: true }).filter(
    (file) => file.isFile() && file.parentPath.includes(workspaceId),
  )

describe('store', () => {
  test('a file is kept with what its bytes say, and read back whole or as a stream', async () => {
    const { ctx } = await withFiles()
    const media = await storeMedia(ctx, {
      bytes: PNG,
      filename: '../../etc/pass\u202ewd\u0000.png',
      mimeType: 'application/pdf',
      source: 'upload',
    })
    expect(media).toMatchObject({
      mimeType: 'image/png',
      size: PNG.length,
      filename: 'passwd.png',
      source: 'upload',
      workspaceId: ctx.workspaceId,
    })
    expect(media.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(await getMedia(ctx, { mediaId: media.id })).toEqual(media)
    expect(await findMediaFiles(ctx.db, ctx.workspaceId, [media.id])).toEqual([media])
    const opened = await openMedia(ctx.db, ctx.ports.files, ctx.workspaceId, media.id)
    expect(await opened?.read()).toEqual(PNG)
    expect(opened && (await buffer(await opened.stream()))).toEqual(PNG)
  })

  test('an empty file and one over 100 MB are refused, and leave nothing', async () => {
    const { ctx } = await withFiles()
    await storeMedia(ctx, { bytes: PNG, source: 'upload' })
    await expect(storeMedia(ctx, { bytes: Buffer.alloc(0), source: 'upload' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(storeMedia(ctx, { bytes: Buffer.alloc(100 * 1_048_576 + 1), source: 'upload' })).rejects.toMatchObject({
      code: 'too_large',
    })
    expect(filesOf(ctx.workspaceId)).toHaveLength(1)
  })

  test('a file whose row cannot be written is taken away again', async () => {
    const { ctx } = await withFiles()
    await storeMedia(ctx, { bytes: PNG, source: 'upload' })
    const nowhere = { ...ctx, workspaceId: '00000000-0000-7000-8000-000000000000' }
    await expect(storeMedia(nowhere, { bytes: PNG, source: 'upload' })).rejects.toThrow()
    expect(filesOf(nowhere.workspaceId)).toEqual([])
  })

  test('joins a transaction that is open', async () => {
    const { ctx } = await withFiles()
    const media = await withTransaction(ctx, (inside) => storeMedia(inside, { bytes: PNG, source: 'upload' }))
    expect(await getMedia(ctx, { mediaId: media.id })).toEqual(media)
  })

  test('a file of another workspace does not exist', async () => {
    const { ctx } = await withFiles()
    const other = await withFiles()
    const media = await storeMedia(ctx, { bytes: PNG, source: 'upload' })
    await expect(getMedia(other.ctx, { mediaId: media.id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await openMedia(other.ctx.db, other.ctx.ports.files, other.ctx.workspaceId, media.id)).toBeUndefined()
    expect(await findMediaFiles(other.ctx.db, other.ctx.workspaceId, [media.id])).toEqual([])
  })
})

describe('base64', () => {
  test.each([
    [{ base64: PNG.toString('base64') }],
    [{ base64: PNG.toString('base64url') }],
    [{ base64: PNG.toString('base64').replace(/(.{20})/g, '$1\r\n') }],
    [{ base64: `data:image/png;base64,${PNG.toString('base64')}` }],
    [{ dataUrl: `data:image/jpeg;name=x;base64,${PNG.toString('base64')}` }],
  ])('form %#', async (input) => {
    const { ctx } = await withFiles()
    expect(await storeBase64(ctx, input)).toMatchObject({ mimeType: 'image/png', size: PNG.length, source: 'base64' })
  })

  test('the type in a data URL counts where the bytes are silent', async () => {
    const { ctx } = await withFiles()
    expect(
      await storeBase64(ctx, { dataUrl: `data:text/csv;charset=utf-8;base64,${Buffer.from('a,b\n1,2').toString('base64')}` }),
    ).toMatchObject({ mimeType: 'text/csv' })
  })

  test.each([
    [{ base64: '' }],
    [{ base64: '!!!!' }],
    [{ base64: 'AAAAA' }],
    [{ base64: 'AA=A' }],
    [{ dataUrl: 'AAAA' }],
    [{ dataUrl: 'data:text/plain,hello' }],
    [{}],
    [{ base64: 'AAAA', dataUrl: 'data:;base64,AAAA' }],
  ])('%j is refused', async (input) => {
    const { ctx } = await withFiles()
    await expect(storeBase64(ctx, input)).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('by URL', () => {
  const answering = (status: number, headers: Record<string, string>, body: Buffer): GuardedHttp => ({
    check: () => undefined,
    request: async () => ({ status, headers, body }),
  })

  test.each([
    ['https://files.example/pic.png?x=1', {}, undefined, 'pic.png'],
    ['https://files.example/a%20b.png', {}, undefined, 'a b.png'],
    ['https://files.example/%zz.png', {}, undefined, undefined],
    ['https://files.example/download', {}, undefined, undefined],
    ['https://files.example/download', { 'content-disposition': 'attachment; filename="report 1.png"' }, undefined, 'report 1.png'],
    [
      'https://files.example/download',
      { 'content-disposition': "attachment; filename=x.png; filename*=UTF-8''caf%C3%A9.png" },
      undefined,
      'caf\u00e9.png',
    ],
    ['https://files.example/pic.png', {}, 'mine.png', 'mine.png'],
  ])('%s %j is kept under its name', async (url, headers, filename, expected) => {
    const { ctx } = await withFiles(answering(200, { 'content-type': 'image/png', ...headers }, PNG))
    expect(await fetchMedia(ctx, { url, ...(filename && { filename }) })).toMatchObject({
      filename: expected,
      mimeType: 'image/png',
      source: 'url',
    })
  })

  test.each([
    ['refused_address', 'invalid'],
    ['too_large', 'too_large'],
    ['busy', 'unavailable'],
  ] as const)('nothing is fetched: %s is told as %s', async (reason, code) => {
    const request = () => Promise.reject(new HttpClientError(reason, 'words'))
    const { ctx } = await withFiles({ check: () => undefined, request })
    await expect(fetchMedia(ctx, { url: 'https://files.example/x' })).rejects.toMatchObject({ code })
  })

  test('an answer that is not the file, a refused address: the caller is told', async () => {
    const missing = await withFiles(answering(404, {}, Buffer.from('gone')))
    await expect(fetchMedia(missing.ctx, { url: 'https://files.example/x' })).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: 'url' }],
    })
    const guarded = await withFiles({
      check: () => {
        throw new DomainError('invalid', 'not reachable')
      },
      request: () => Promise.reject(new Error('must not be asked')),
    })
    await expect(fetchMedia(guarded.ctx, { url: 'http://127.0.0.1/' })).rejects.toMatchObject({ code: 'invalid' })
  })
})
