import { describe, expect, test } from 'vitest'
import type { TransportMedia } from '#core/transport'
import { newId } from '#kit/ids'
import { type Answer, accept, CHANNEL, GO, graphError, json, NOW, openRoad, outgoing } from './road.fixture.ts'

describe('files', () => {
  const picture = (read: () => Promise<Buffer> = async () => Buffer.from('png bytes')): TransportMedia => ({
    id: newId(),
    mimeType: 'image/png',
    size: 9,
    filename: 'a "b"\r\n.png',
    sha256: 'x',
    read,
  })
  const withPicture = (media: TransportMedia, attempt = 1) => outgoing({ content: { type: 'image', mediaId: media.id }, media, attempt })
  const answering: Answer = ({ path }, response, count) =>
    path.endsWith('/media') ? json(response, 200, { id: `m${count}` }) : accept(response)

  test('bytes go up as a form, once for many messages, and the message names what came back', async () => {
    const { road, seen, book } = await openRoad(answering)
    const media = picture()
    const sent = await Promise.all(Array.from({ length: 5 }, () => road.send(CHANNEL, withPicture(media), GO())))
    expect(sent.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'accepted'))
    const uploads = seen.filter(({ path }) => path === '/v23.0/111/media')
    expect(uploads).toHaveLength(1)
    const form = await new Response(new Uint8Array(uploads[0]?.body ?? []), {
      headers: { 'content-type': uploads[0]?.contentType ?? '' },
    }).formData()
    const file = form.get('file') as File // the form has a file of that name, or the next lines fail
    expect([form.get('messaging_product'), form.get('type'), file.type, file.name, await file.text()]).toEqual([
      'whatsapp',
      'image/png',
      'image/png',
      'a "b"\r\n.png',
      'png bytes',
    ])
    expect(JSON.parse(String(seen.at(-1)?.body))).toMatchObject({ type: 'image', image: { id: 'm1' } })
    expect(book.uploads).toMatchObject([
      { mediaId: media.id, channelId: CHANNEL.id, remoteId: 'm1', expiresAt: new Date('2026-01-31T03:04:05.000Z') },
    ])
  })

  test('what another process uploaded is used; what has expired is not', async () => {
    const { road, seen, book } = await openRoad(answering)
    const media = picture()
    const kept = { workspaceId: CHANNEL.workspaceId, channelId: CHANNEL.id, mediaId: media.id }
    book.uploads.push({ ...kept, remoteId: 'old', expiresAt: NOW }, { ...kept, remoteId: 'm9', expiresAt: new Date(NOW.getTime() + 1) })
    await road.send(CHANNEL, withPicture(media), GO())
    expect(seen.map(({ path }) => path)).toEqual(['/v23.0/111/messages'])
    expect(String(seen[0]?.body)).toContain('"m9"')
  })

  test('an upload that the network forgot is made again', async () => {
    const { road, seen } = await openRoad(({ path }, response, count) => {
      if (path.endsWith('/media')) json(response, 200, { id: `m${count}` })
      else if (count === 2)
        graphError(response, 400, {
          code: 100,
          error_data: { details: "Param image['id'] is not a valid whatsapp business account media attachment ID" },
        })
      else accept(response)
    })
    const media = picture()
    expect(await road.send(CHANNEL, withPicture(media), GO())).toMatchObject({ kind: 'retry', code: '100' })
    expect(await road.send(CHANNEL, withPicture(media, 2), GO())).toMatchObject({ kind: 'accepted' })
    expect(seen.map(({ path }) => path.split('/').at(-1))).toEqual(['media', 'messages', 'media', 'messages'])
  })

  test('a known file that was forgotten is made again whatever the attempt; a fresh one that is refused is not', async () => {
    const lost: Answer = ({ path }, response, count) => {
      if (path.endsWith('/media')) json(response, 200, { id: `m${count}` })
      else graphError(response, 400, { code: 131009, error_data: 'the media id is not known' })
    }
    const { road, seen, book } = await openRoad(lost)
    const media = picture()
    const place = { workspaceId: CHANNEL.workspaceId, channelId: CHANNEL.id, mediaId: media.id }
    book.uploads.push({ ...place, remoteId: 'm9', expiresAt: new Date(NOW.getTime() + 1_000) })
    expect(await road.send(CHANNEL, withPicture(media, 3), GO())).toMatchObject({ kind: 'retry', code: '131009' })
    expect(await road.send(CHANNEL, withPicture(media, 4), GO())).toMatchObject({ kind: 'rejected', code: '131009' })
    expect(seen.map(({ path }) => path.split('/').at(-1))).toEqual(['messages', 'media', 'messages'])
  })

  test('four files go up at one time, the others wait for their turn', async () => {
    const uploading: (() => void)[] = []
    const arrived: (() => void)[] = []
    const { road, seen } = await openRoad(({ path }, response, count) => {
      if (!path.endsWith('/media')) return accept(response)
      uploading.push(() => json(response, 200, { id: `m${count}` }))
      for (const look of arrived.splice(0)) look()
    })
    const until = async (count: number) => {
      while (uploading.length < count) await new Promise<void>((look) => arrived.push(look))
    }
    const sends = Array.from({ length: 6 }, () => road.send(CHANNEL, withPicture(picture()), GO()))
    await until(4)
    expect(seen).toHaveLength(4)
    for (const answer of uploading.slice(0, 4)) answer()
    await until(6)
    for (const answer of uploading.slice(4)) answer()
    expect((await Promise.all(sends)).map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'accepted'))
  })

  test('a failed upload sends nothing: refused by its code, else tried again', async () => {
    const refused = await openRoad((_, response) => graphError(response, 400, { code: 131053, error_data: { details: 'File size' } }))
    expect(await refused.road.send(CHANNEL, withPicture(picture()), GO())).toMatchObject({
      kind: 'rejected',
      code: '131053',
      reason: expect.stringContaining('File size'),
    })
    const cut = await openRoad((_, response) => response.destroy())
    expect(await cut.road.send(CHANNEL, withPicture(picture()), GO())).toMatchObject({ kind: 'retry', code: 'media_upload' })
    const unreadable = await openRoad(answering)
    const gone = picture(() => Promise.reject(new Error('the disk is away')))
    expect(await unreadable.road.send(CHANNEL, withPicture(gone), GO())).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('the disk is away'),
    })
    expect(unreadable.seen).toHaveLength(0)
  })

  test('what people sent is fetched in two steps, with the token; an address that is gone is asked for once more', async () => {
    const { road, seen, url } = await openRoad(({ path }, response, count) => {
      if (path.startsWith('/v23.0/f1?'))
        json(response, 200, { url: `${url}/files/?mid=f1&try=${count}`, mime_type: 'image/jpeg', file_size: '4' })
      else if (count === 2) response.writeHead(404).end()
      else response.writeHead(200).end('jpeg')
    })
    const fetched = await road.fetchMedia?.(CHANNEL, { id: 'f1' })
    expect([String(fetched?.bytes), fetched?.mimeType]).toEqual(['jpeg', 'image/jpeg'])
    expect(seen.map(({ path }) => path)).toEqual([
      '/v23.0/f1?phone_number_id=111',
      '/files/?mid=f1&try=1',
      '/v23.0/f1?phone_number_id=111',
      '/files/?mid=f1&try=3',
    ])
    expect(seen.every(({ authorization }) => authorization === 'Bearer EAA')).toBe(true)
  })

  test.each(['https://evil.example/x', 'http://lookaside.fbsbx.com/x', 'https://fbsbx.com.evil.example/x', 'file:///etc/passwd', ''])(
    'the token never goes to %s',
    async (address) => {
      const { road, seen } = await openRoad((_, response) => json(response, 200, { url: address }))
      await expect(road.fetchMedia?.(CHANNEL, { id: 'f1' })).rejects.toMatchObject({ code: 'unavailable' })
      expect(seen).toHaveLength(1)
    },
  )

  test('a file that is gone is not found', async () => {
    const { road } = await openRoad((_, response) => graphError(response, 400, { code: 100, error_subcode: 33 }))
    await expect(road.fetchMedia?.(CHANNEL, { id: 'f1' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(road.fetchMedia?.(CHANNEL, {})).rejects.toMatchObject({ code: 'not_found' })
  })
})
