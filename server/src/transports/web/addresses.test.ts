import { expect, test } from 'vitest'
import { isMe, toAddress, toJid, toSender, userJid } from './addresses.ts'

test('an address of ours is a JID of theirs', () => {
  expect(toJid('+14155550123')).toBe('14155550123@s.whatsapp.net')
  expect(toJid('77712345@lid')).toBe('77712345@lid')
  expect(toJid('120363021234567890@g.us')).toBe('120363021234567890@g.us')
  expect(toJid('14155550123-1599999999@g.us')).toBe('14155550123-1599999999@g.us')
  expect(toJid('120363021234567890@newsletter')).toBe('120363021234567890@newsletter')
})

test.each(['', 'US.1234', 'unknown', '+1', '14155550123', 'status@broadcast', '1@evil.example', '1@s.whatsapp.net.evil', '../1@lid'])(
  '%j is no address there',
  (address) => expect(toJid(address)).toBeUndefined(),
)

test('devices, agents and hosts are no part of who somebody is', () => {
  expect(userJid('14155550123:12@s.whatsapp.net')).toBe('14155550123@s.whatsapp.net')
  expect(userJid('14155550123_1:99@hosted')).toBe('14155550123@s.whatsapp.net')
  expect(userJid('777:3@lid')).toBe('777@lid')
  expect(userJid('777:99@hosted.lid')).toBe('777@lid')
  expect(userJid('14155550123@c.us')).toBe('14155550123@s.whatsapp.net')
  expect(userJid('120363021234567890@g.us')).toBeUndefined()
  expect(userJid(undefined)).toBeUndefined()
})

test('all that is told of a person comes together', () => {
  expect(toSender('777:3@lid', '14155550123@s.whatsapp.net')).toEqual({ lid: '777@lid', phone: '+14155550123', waId: '14155550123' })
  expect(toSender('nobody', undefined)).toEqual({})
  expect(toAddress('777@lid')).toBe('777@lid')
  expect(toAddress('777@lid', '14155550123@s.whatsapp.net')).toBe('+14155550123')
})

test('we are we by number and by LID, on every device', () => {
  const me = { id: '14155550100:7@s.whatsapp.net', lid: '900:7@lid' }
  expect(isMe('14155550100@s.whatsapp.net', me)).toBe(true)
  expect(isMe('900:2@lid', me)).toBe(true)
  expect(isMe('900@s.whatsapp.net', me)).toBe(false)
  expect(isMe(undefined, { id: '1', lid: undefined })).toBe(false)
})
