import { expect, test } from 'vitest'
import { DomainError, ERROR_CODES, invalidField } from '#kit/errors'
import { speak } from './errors.ts'

test.each(ERROR_CODES)('%s is said in the envelope, with the id in both spellings', (code) => {
  const { status, body } = speak(new DomainError(code, 'words'), 'req_1')
  expect(status).toBeGreaterThanOrEqual(400)
  expect(body).toEqual({ success: false, error: { code: expect.any(String), message: 'words', request_id: 'req_1', requestId: 'req_1' } })
})

test('what was not thrown on purpose shows nothing of itself', () => {
  expect(JSON.stringify(speak(new Error('select secret from keys'), 'req_1'))).not.toContain('secret')
})

test('fields of the core have the names of this door, and issue codes its words', () => {
  const said = speak(
    new DomainError('invalid', 'x', {
      issues: [
        { path: 'content.caption', code: 'too_big', message: 'm' },
        { path: 'to', code: 'invalid_phone', message: 'm' },
      ],
    }),
    'r',
  )
  expect(said.body).toMatchObject({
    error: {
      details: [
        { path: 'text', code: 'too_big' },
        { path: 'to', code: 'invalid_string' },
      ],
    },
  })
  expect(speak(invalidField('content.options.1', 'm', 'anything'), 'r').body).toMatchObject({
    error: { details: [{ path: 'pollOptions.1', code: 'custom' }] },
  })
})

test('a missing scope is named in the words of this product', () => {
  const said = speak(
    new DomainError('forbidden', 'This key lacks the scope conversations:read', { facts: { scope: 'conversations:read' } }),
    'r',
  )
  expect(said).toMatchObject({
    status: 403,
    body: { error: { code: 'permission_denied', message: 'This key lacks the scope chats:read' } },
  })
})

test('a sender that is not linked is another refusal than none', () => {
  expect(speak(new DomainError('no_channel', 'm'), 'r')).toMatchObject({ status: 409, body: { error: { code: 'no_active_session' } } })
  expect(speak(new DomainError('no_channel', 'm', { facts: { from: '+1' } }), 'r')).toMatchObject({
    status: 422,
    body: { error: { code: 'from_not_linked' } },
  })
})
