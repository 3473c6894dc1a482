import { eventually } from '../../house.ts'
import { A_FILE, DELIVERED, FAILED, READ, SENT, session, stored, TIME, wireIdOf } from './models.ts'
import type { Expected } from './receiver.ts'
import { acks, ask, chatOf, type Deed, inAMoment, life, own, phone, say, v2, type World } from './world.ts'

/** What came of a message, when nothing more comes of it. */
const settled = (world: World, id: unknown, status: string) =>
  eventually(async () => {
    const { body } = await world.house.ask(`/v1/scheduled-messages/${id}`)
    return body.status === status && String(body.key)
  })

export const MESSAGES: readonly Deed[] = [
  {
    title: 'a text is queued, sent, delivered and read',
    names: ['message.queued', 'message.sending', 'message.delivered', 'message.read', 'ack_changed_webhook'],
    async happens(world) {
      const to = chatOf('+14155550401')
      const { id } = await ask(world, 'POST', '/v1/scheduled-messages', { to: '+14155550401', text: 'Your order', secret: 'order-7' })
      const key = await settled(world, id, 'read')
      const said = { id, messageId: id, to, from: own(world), text: 'Your order', secret: 'order-7' }
      return [
        life('message.queued', to, stored({ ...said, status: 'queued' })),
        life('message.sending', to, stored({ ...said, status: 'sending' })),
        life('message.delivered', to, stored({ ...said, key, ...DELIVERED })),
        life('message.read', to, stored({ ...said, key, ...READ })),
        ...acks(key, to, [
          [1, 0],
          [2, 1],
          [3, 2],
        ]),
      ]
    },
  },
  {
    title: 'a text for later is queued when its time has come',
    names: ['message.queued', 'message.sending'],
    async happens(world) {
      const to = chatOf('+14155550402')
      const sendAt = inAMoment(1_500)
      await v2(world, 'POST', '/messages', { to: '+14155550402', text: 'Later', sendAt })
      const said = { to, from: own(world), text: 'Later', sendAt }
      return [
        life('message.queued', to, stored({ ...said, status: 'queued' })),
        life('message.sending', to, stored({ ...said, status: 'sending' })),
      ]
    },
  },
  {
    title: 'a text that the network takes at the third try starts once',
    sandboxOnly: 'what WhatsApp throttles waits a minute, twice',
    names: ['message.sending', 'message.delivered'],
    async happens(world) {
      const to = chatOf('+14155550006')
      const { id } = await ask(world, 'POST', '/v1/scheduled-messages', { to: '+14155550006', text: 'Busy' })
      const key = await settled(world, id, 'read')
      const said = { to, from: own(world), text: 'Busy' }
      return [
        life('message.sending', to, stored({ ...said, status: 'sending' })),
        life('message.delivered', to, stored({ ...said, key, ...DELIVERED })),
      ]
    },
  },
  {
    title: 'a picture is told with its file',
    names: ['message.delivered'],
    async happens(world) {
      const to = chatOf('+14155550403')
      const key = await say(world, '+14155550403', { type: 'media', mediaUrl: `${world.web.url}/pixel.png`, text: 'A dot' })
      const file = { mediaUrl: A_FILE, mediaKind: 'image', mediaCaption: 'A dot', mediaFilename: 'pixel.png', mediaMimeType: 'image/png' }
      return [life('message.delivered', to, stored({ to, from: own(world), type: 'media', text: 'A dot', key, ...file, ...DELIVERED }))]
    },
  },
  {
    title: 'a poll is voted in, and a vote taken back',
    names: ['message.delivered', 'poll_vote_webhook'],
    async happens(world) {
      const to = chatOf('+14155550404')
      const poll = { pollQuestion: 'Lunch?', pollOptions: ['Pizza', 'Soup'], pollAllowMultiple: true }
      const key = await say(world, '+14155550404', { type: 'poll', ...poll })
      await phone(world, '+14155550404', 'votes', { wireId: wireIdOf(key), options: ['Soup'] })
      await phone(world, '+14155550404', 'votes', { wireId: wireIdOf(key), options: [] })
      const vote = (selectedOptions: string[]): Expected => ({
        type: 'poll_vote_webhook',
        where: { chatId: to, selectedOptions },
        data: { key, chatId: to, from: to, pollQuestion: 'Lunch?', selectedOptions, timestamp: TIME },
      })
      return [
        life('message.delivered', to, stored({ to, from: own(world), type: 'poll', text: null, key, ...poll, ...DELIVERED })),
        vote(['Soup']),
        vote([]),
      ]
    },
  },
]

export const FAILURES: readonly Deed[] = [
  {
    title: 'a number that is not on WhatsApp: failed, without a receipt',
    names: ['message.failed'],
    async happens(world) {
      const to = chatOf('+14155550002')
      await ask(world, 'POST', '/v1/scheduled-messages', { to: '+14155550002', text: 'Nobody' })
      return [life('message.failed', to, stored({ to, from: own(world), text: 'Nobody', ...FAILED }))]
    },
  },
  {
    title: 'the network fails what it had taken',
    names: ['message.failed', 'ack_changed_webhook'],
    async happens(world) {
      const to = chatOf('+14155550005')
      const key = await say(world, '+14155550005', { text: 'Lost' })
      return [
        life('message.failed', to, stored({ to, from: own(world), text: 'Lost', key, ...SENT, ...FAILED })),
        ...acks(key, to, [[-1, 1]]),
      ]
    },
  },
  {
    title: 'an engine is logged out and comes back; what could not wait has expired',
    names: ['session.disconnected', 'session.connected', 'message.failed'],
    async happens(world) {
      const to = chatOf('+14155550405')
      await ask(world, 'POST', '/v1/engines/logout')
      const expiresAt = inAMoment(1_500)
      await v2(world, 'POST', '/messages', { to: '+14155550405', text: 'Now or never', expiresAt })
      await eventually(async () => inAMoment(0) > expiresAt) // a number that is back sooner would send it
      await world.house.comeBack()
      const phoneOf = own(world)
      return [
        { type: 'session.disconnected', where: { reason: 'logged_out' }, data: session(phoneOf, false, 'logged_out') },
        { type: 'session.connected', where: {}, data: session(phoneOf, true, null) },
        life('message.failed', to, stored({ to, from: phoneOf, text: 'Now or never', ...FAILED })),
      ]
    },
  },
  {
    title: 'a reload is told with its reason',
    names: ['session.disconnected'],
    async happens(world) {
      await ask(world, 'POST', '/v1/engines/reload')
      return [{ type: 'session.disconnected', where: { reason: 'reloading' }, data: session(own(world), false, 'reloading') }]
    },
  },
  {
    title: 'marketing to somebody who wants none: failed',
    names: ['message.failed'],
    async happens(world) {
      const to = chatOf('+14155550406')
      await v2(world, 'POST', '/contacts', { phone: '+14155550406', optedOut: true })
      await v2(world, 'POST', '/messages', { to: '+14155550406', text: 'Sale!', category: 'marketing' })
      return [life('message.failed', to, stored({ to, from: own(world), text: 'Sale!', ...FAILED }))]
    },
  },
]
