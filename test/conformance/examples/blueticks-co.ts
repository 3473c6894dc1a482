/** The requests that the product's pages print, as the HTTP they produce: host and key are replaced, nothing else. */
export type Example = {
  name: string
  /** What is printed: a curl, a fetch, or a call of a client with the request it makes. */
  page: 'blog' | 'help'
  as: 'curl' | 'python' | 'node' | 'fetch'
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  headers: Record<string, string>
  body?: Record<string, unknown>
  answer: {
    status: number
    shape: 'message' | 'webhook' | 'audience' | 'campaign'
    top: Record<string, unknown>
    data: Record<string, unknown>
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }
/** What the official clients send beside the key. */
const PYTHON = { ...JSON_TYPE, accept: 'application/json', 'user-agent': 'blueticks-python/3.3.2' }
const NODE = { ...JSON_TYPE, accept: 'application/json', 'user-agent': 'blueticks-node/1.1.0' }

const SCHEDULED = '/v1/scheduled-messages'
const TO = '+14155551234'
const CHAT = '14155551234@c.us'
const REMINDER = 'Reminder: your appointment is tomorrow at 10:00am.'
const DAY_MS = 86_400_000

/** The printed date where it still lies ahead, else the same hour of tomorrow, printed alike. */
export function ahead(printed: string): string {
  if (new Date(printed).getTime() > Date.now() + 60_000) return printed
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10)
  return printed.replace(/^\d{4}-\d{2}-\d{2}/, tomorrow)
}

/** datetime.isoformat() of Python: microseconds, and the offset spelled out. */
const isoformat = (date: Date) => date.toISOString().replace('Z', '123+00:00')

const pending = (text: string) => ({
  to: CHAT,
  type: 'text',
  text,
  key: null,
  waMessageKey: null,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  failedAt: null,
})
const now = (text: string) => ({
  status: 201,
  shape: 'message' as const,
  top: { ...pending(text), status: 'queued', sendAt: null },
  data: { ...pending(text), status: 'pending' },
})
const later = (text: string, sendAt: string) => {
  const at = new Date(sendAt).toISOString()
  return {
    status: 201,
    shape: 'message' as const,
    top: { ...pending(text), status: 'scheduled', send_at: at },
    data: { ...pending(text), status: 'pending', sendAt: at },
  }
}

/** `file`: a server with the file that an example names; `audienceId`: where it names the audience made before. */
export function examples(key: string, file: string, audienceId: string): Example[] {
  const curl = { authorization: `Bearer ${key}`, ...JSON_TYPE }
  const python = { authorization: `Bearer ${key}`, ...PYTHON }
  const node = { authorization: `Bearer ${key}`, ...NODE }
  const shipped = 'Your order #1024 has shipped.'
  const tracked = `${shipped} Track it here: https://example.com/t/1024`
  const printed = ahead('2026-07-01T09:00:00+00:00')
  const pythonAt = isoformat(new Date(Date.now() + DAY_MS))
  const nodeAt = new Date(Date.now() + DAY_MS).toISOString()
  const preview = {
    title: null,
    description: null,
    canonicalUrl: 'https://example.com/t/1024',
    canonical_url: 'https://example.com/t/1024',
    thumbnail: null,
  }
  const tracking = now(tracked)
  const blog = (
    name: string,
    as: Example['as'],
    headers: Record<string, string>,
    body: Record<string, unknown>,
    answer: Example['answer'],
  ): Example => ({
    name,
    page: 'blog',
    as,
    method: 'POST',
    path: SCHEDULED,
    headers,
    body,
    answer,
  })
  return [
    blog(
      'send now',
      'curl',
      curl,
      { to: TO, type: 'text', text: tracked },
      { ...tracking, data: { ...tracking.data, linkPreview: preview } },
    ),
    blog('send now', 'python', python, { to: TO, type: 'text', text: shipped }, now(shipped)),
    blog('send now', 'node', node, { to: TO, type: 'text', text: shipped }, now(shipped)),
    blog('send later', 'curl', curl, { to: TO, type: 'text', text: REMINDER, send_at: printed }, later(REMINDER, printed)),
    blog('send later', 'python', python, { to: TO, type: 'text', text: REMINDER, send_at: pythonAt }, later(REMINDER, pythonAt)),
    blog('send later', 'node', node, { to: TO, type: 'text', text: REMINDER, send_at: nodeAt }, later(REMINDER, nodeAt)),
    {
      ...blog('register a webhook', 'python', python, {}, now('')),
      path: '/v1/webhooks',
      body: { url: 'https://your-app.example.com/webhooks/blueticks', events: ['message.delivered', 'message.read', 'message.failed'] },
      answer: {
        status: 201,
        shape: 'webhook',
        top: { status: 'enabled', url: 'https://your-app.example.com/webhooks/blueticks' },
        data: { events: ['message.delivered', 'message.read', 'message.failed'], description: null },
      },
    },
    {
      ...blog('an audience', 'python', python, {}, now('')),
      path: '/v1/audiences',
      body: {
        name: 'July reminders',
        contacts: [
          { to: TO, variables: { first_name: 'Sam' } },
          { to: '+14155555678', variables: { first_name: 'Alex' } },
        ],
      },
      answer: { status: 200, shape: 'audience', top: { name: 'July reminders', contact_count: 2 }, data: { contactCount: 2 } },
    },
    {
      ...blog('a campaign', 'python', python, {}, now('')),
      path: '/v1/campaigns',
      body: {
        name: 'July reminder blast',
        audience_id: audienceId,
        text: 'Hi {first_name}, a quick reminder that your renewal is coming up.',
      },
      answer: {
        status: 200,
        shape: 'campaign',
        top: { name: 'July reminder blast', audience_id: audienceId, status: 'pending' },
        data: { audienceId, startedAt: null, completedAt: null },
      },
    },
    ...helpExamples(key, file),
  ]
}

/** The first API prints its key in the body and no other header than the type. */
function helpExamples(key: string, file: string): Example[] {
  const to = '+1234567890'
  const help = (name: string, body: Record<string, unknown>, more: { top?: object; data?: object } = {}): Example => ({
    name,
    page: 'help',
    as: 'fetch',
    method: 'POST',
    path: '/messages',
    headers: JSON_TYPE,
    body: { apiKey: key, to, ...body },
    answer: {
      status: 200,
      shape: 'message',
      top: { to: '1234567890@c.us', text: body.message, status: 'queued', ...more.top },
      data: { to: '1234567890@c.us', text: body.message, status: 'pending', ...more.data },
    },
  })
  const scheduled = { message: 'This message is scheduled!' }
  const moved = ahead('2024-12-25T10:00:00Z')
  const at = { sendAt: new Date(moved).toISOString() }
  return [
    help('send', { message: 'Hello from Blueticks API!' }),
    help(
      'send a file',
      { message: 'Check out this document!', fileUrl: `${file}/document.pdf`, mimeType: 'application/pdf' },
      {
        data: {
          type: 'media',
          mediaKind: 'document',
          mediaMimeType: 'application/pdf',
          mediaFilename: 'document.pdf',
          mediaCaption: 'Check out this document!',
        },
      },
    ),
    help('schedule, the printed day being over: sent now', { ...scheduled, dueDate: '2024-12-25T10:00:00Z' }, { data: { sendAt: null } }),
    help('schedule, the day moved ahead', { ...scheduled, dueDate: moved }, { top: { status: 'scheduled', ...at }, data: at }),
  ]
}
