import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmulator, openReceiver, WABA } from './emulator.fixture.ts'

let house: Awaited<ReturnType<typeof openEmulator>>
let receiver: Awaited<ReturnType<typeof openReceiver>>
beforeAll(async () => {
  receiver = await openReceiver()
  house = await openEmulator({ webhookUrl: receiver.url })
})
afterAll(async () => {
  await house.close()
  await receiver.close()
})

const PATH = `v23.0/${WABA}/message_templates`
const BODY = { type: 'BODY', text: 'Dear {{1}}, your order {{2}} is ready.', example: { body_text: [['Ann', '7']] } }
const create = (name: string, components: unknown[] = [BODY], more: object = {}) =>
  house.call('POST', PATH, { name, language: 'en', category: 'UTILITY', components, ...more })
const decided = (name: string) => receiver.until(() => updates(name).length > 0)
const updates = (name: string) =>
  receiver
    .changes()
    .filter(({ field, value }) => field === 'message_template_status_update' && value.message_template_name === name)
    .map(({ value }) => value)
async function approved(name: string, components?: unknown[], more?: object) {
  expect((await create(name, components, more)).body).toMatchObject({ status: 'PENDING', id: expect.stringMatching(/^\d+$/) })
  await decided(name)
}
const send = (name: string, components: unknown[] = [], to = '+491701234567') =>
  house.send({ to, type: 'template', template: { name, language: { code: 'en' }, components } })
const words = (...texts: string[]) => ({ type: 'body', parameters: texts.map((text) => ({ type: 'text', text })) })
const code = (value: number) => expect.objectContaining({ body: { error: expect.objectContaining({ code: value }) } })
const subcode = (value: number) =>
  expect.objectContaining({
    body: { error: expect.objectContaining({ code: 100, error_subcode: value, error_user_title: expect.any(String) }) },
  })

describe('the life of a template', () => {
  it('is pending, then approved or rejected, and told', async () => {
    await approved('order_ready')
    expect(updates('order_ready')).toMatchObject([
      { event: 'APPROVED', message_template_language: 'en', message_template_id: expect.any(Number), reason: 'NONE' },
    ])
    await create('reject_me')
    expect(await send('reject_me', [words('a', 'b')])).toMatchObject({ status: 404, body: { error: { code: 132001 } } })
    await decided('reject_me')
    expect(updates('reject_me')).toMatchObject([{ event: 'REJECTED', reason: 'INVALID_FORMAT' }])
    expect(await send('order_ready', [words('a', 'b')])).toMatchObject({
      status: 200,
      body: { messages: [{ message_status: 'accepted' }] },
    })
  })

  it('is listed by filter and page', async () => {
    for (const name of ['page_a', 'page_b', 'page_c']) await approved(name)
    const first = (await house.call('GET', `${PATH}?name=page_&limit=2&fields=name,status`)).body
    expect(first).toMatchObject({
      data: [{ name: 'page_a', status: 'APPROVED' }, { name: 'page_b' }],
      paging: { next: expect.any(String) },
    })
    expect(first.data[0]).not.toHaveProperty('components')
    const second = (await house.call('GET', `${PATH}?name=page_&limit=2&after=${first.paging.cursors.after}`)).body
    expect(second.data.map(({ name }: { name: string }) => name)).toEqual(['page_c'])
    expect(second.paging).not.toHaveProperty('next')
    expect(await house.call('GET', `${PATH}?after=bad`)).toEqual(code(131059))
    expect((await house.call('GET', `${PATH}?status=REJECTED&name=page_`)).body).toEqual({ data: [] })
  })

  it('is paused and disabled by hand', async () => {
    await approved('tired')
    house.emulator.moveTemplate(WABA, { name: 'tired', language: 'en' }, 'PAUSED')
    expect(await send('tired', [words('a', 'b')])).toEqual(code(132015))
    house.emulator.moveTemplate(WABA, { name: 'tired', language: 'en' }, 'DISABLED')
    expect(await send('tired', [words('a', 'b')])).toEqual(code(132016))
    await receiver.until(() => updates('tired').length === 3)
    expect(house.emulator.moveTemplate(WABA, { name: 'nothing', language: 'en' }, 'PAUSED')).toBe(false)
  })

  it('is deleted, and its name locked', async () => {
    await approved('gone')
    expect((await house.call('DELETE', `${PATH}?name=gone`)).body).toEqual({ success: true })
    expect(await send('gone', [words('a', 'b')])).toEqual(code(132001))
    expect(await create('gone')).toEqual(subcode(2388024))
    expect(await house.call('DELETE', `${PATH}?name=gone`)).toMatchObject({ status: 400 })
    const { id } = (await create('one_of_two')).body
    await create('one_of_two', [BODY], { language: 'de' })
    await house.call('DELETE', `${PATH}?name=one_of_two&hsm_id=${id}`)
    expect((await house.call('GET', `${PATH}?name=one_of_two`)).body.data).toMatchObject([{ language: 'de' }])
  })
})

const body = (text: string, example: unknown = { body_text: [['a', 'b', 'c']] }) => ({ type: 'BODY', text, example })
const buttons = (...kinds: string[]) => ({ type: 'BUTTONS', buttons: kinds.map((type) => ({ type, text: 'Label' })) })

describe('a template that is asked for', () => {
  it.each([
    ['a name in capitals', subcode(2388047), 'Bad', [BODY], {}],
    ['an unknown category', code(100), 'bad', [BODY], { category: 'FUN' }],
    ['no body', code(131008), 'bad', [], {}],
    ['a variable at the end', subcode(2388299), 'bad', [body('Hello dear {{1}}')], {}],
    ['a gap in its variables', subcode(2388072), 'bad', [body('Dear {{1}} and {{3}} too')], {}],
    ['variables side by side', subcode(2388072), 'bad', [body('Dear {{1}} {{2}} and all')], {}],
    ['more variables than words', subcode(2388293), 'bad', [body('a{{1}}b{{2}}c{{3}}d')], {}],
    ['no example', subcode(2388072), 'bad', [body('Dear {{1}}, hello to you', {})], {}],
    ['a body too long', subcode(2388040), 'bad', [body('x'.repeat(1025))], {}],
    ['a header with two variables', subcode(2388047), 'bad', [{ type: 'HEADER', format: 'TEXT', text: '{{1}} {{2}}' }, BODY], {}],
    ['a footer with a variable', subcode(2388073), 'bad', [BODY, { type: 'FOOTER', text: 'by {{1}}' }], {}],
    ['scattered quick replies', subcode(2388047), 'bad', [BODY, buttons('QUICK_REPLY', 'URL', 'QUICK_REPLY')], {}],
    ['three links', subcode(2388047), 'bad', [BODY, buttons('URL', 'URL', 'URL')], {}],
    ['a name and language that exist', subcode(2388024), 'hello_world', [BODY], { language: 'en_US' }],
  ])('is refused with %s', async (_, expected, name, components, more) => {
    expect(await create(name, components, more)).toEqual(expected)
  })
})

describe('a template that is sent', () => {
  beforeAll(async () => {
    await approved('counted')
    await approved('pictured', [
      { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::x'] } },
      { type: 'BODY', text: 'Look.' },
    ])
    await approved(
      'named',
      [
        {
          type: 'BODY',
          text: 'Dear {{name}}, hello to you.',
          example: { body_text_named_params: [{ param_name: 'name', example: 'Ann' }] },
        },
      ],
      { parameter_format: 'NAMED' },
    )
    await approved('linked', [
      { type: 'BODY', text: 'Look.' },
      { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Go', url: 'https://example.com/{{1}}', example: ['x'] }] },
    ])
    await approved('otp', [], { category: 'AUTHENTICATION' })
  })
  it.each([
    ['too few parameters', 132000, 'counted', [words('a')]],
    [
      'a parameter of another kind',
      132012,
      'counted',
      [
        {
          type: 'body',
          parameters: [
            { type: 'text', text: 'a' },
            { type: 'image', image: {} },
          ],
        },
      ],
    ],
    ['a new line in a parameter', 132018, 'counted', [words('a\nb', 'c')]],
    ['a text too long', 132005, 'counted', [words('a'.repeat(1024), 'c')]],
    ['no header', 132012, 'pictured', []],
    ['a header of another kind', 132012, 'pictured', [{ type: 'header', parameters: [{ type: 'video', video: { link: 'x' } }] }]],
    ['a parameter without its name', 100, 'named', [words('Ann')]],
    ['a button without its parameter', 131008, 'linked', []],
  ])('is refused with %s', async (_, expected, name, components) => {
    expect(await send(name, components)).toEqual(code(expected))
  })

  it('goes when all is there', async () => {
    for (const [name, components] of [
      ['counted', [words('a', 'b')]],
      [
        'counted',
        [
          {
            type: 'body',
            parameters: [
              { type: 'text', text: 'a' },
              { type: 'currency', currency: { fallback_value: '1 €', code: 'EUR', amount_1000: 1000 } },
            ],
          },
        ],
      ],
      ['pictured', [{ type: 'header', parameters: [{ type: 'image', image: { link: 'https://example.com/a.png' } }] }]],
      ['named', [{ type: 'body', parameters: [{ type: 'text', parameter_name: 'name', text: 'Ann' }] }]],
      ['linked', [{ type: 'button', sub_type: 'URL', index: '0', parameters: [{ type: 'text', text: 'x' }] }]],
      ['otp', []],
    ] as const) {
      expect(await send(name, [...components])).toMatchObject({ status: 200 })
    }
  })

  it('needs a phone number for a code', async () => {
    house.network.changePhone('+491701110012', { bsuid: 'DE.1234567' })
    const message = { to: undefined, recipient: 'DE.1234567', type: 'template', template: { name: 'otp', language: { code: 'en' } } }
    expect(await house.send(message)).toEqual(code(131062))
  })
})
