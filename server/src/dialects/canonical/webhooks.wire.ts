import { z } from 'zod'
import { EVENT_TYPES } from '#core/events'
import type { DeliveryAttempt, Endpoint } from '#core/webhooks'
import { Id, ShownId, showId, showMaybe } from './ids.wire.ts'
import { ListOf, Paging, ShownTime, showTime, Time } from './lists.wire.ts'

const FAMILIES = [...new Set(EVENT_TYPES.map((type) => `${type.split('.')[0]}.*`))]
const EventName = z.enum([...EVENT_TYPES, ...FAMILIES, '*'])

const Fields = {
  url: z
    .string()
    .min(1)
    .max(2048)
    .meta({ examples: ['https://example.com/hooks/chasqui'] }),
  events: z.array(EventName).min(1).max(64).describe('Event names, a family such as message.*, or *'),
  description: z.string().max(500).optional(),
  channelId: Id('cha').optional().describe('Only events of this channel'),
}
export const NewEndpoint = z.strictObject(Fields).meta({ example: { url: 'https://example.com/hooks/chasqui', events: ['message.*'] } })
export const EndpointEdit = z
  .strictObject({
    url: Fields.url.optional(),
    events: Fields.events.optional(),
    description: z.string().max(500).nullable().optional(),
    channelId: Id('cha').nullable().optional(),
    state: z.enum(['enabled', 'disabled']).optional(),
  })
  .meta({ example: { events: ['message.delivered', 'message.failed'] } })
export const Rotation = z
  .strictObject({ overlap: z.boolean().optional().describe('Both secrets sign for 24 hours; by default yes') })
  .nullish()
  .meta({ example: { overlap: true } })
export const Since = z.strictObject({ since: Time }).meta({ example: { since: '2031-05-04T09:30:00Z' } })
export const DeliveryQuery = z.strictObject({
  ...Paging,
  succeeded: z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .optional(),
})

export const ShownEndpoint = z.object({
  id: ShownId('whk'),
  url: z.string(),
  events: z.array(z.string()),
  description: z.string().nullable(),
  channelId: ShownId('cha').nullable(),
  style: z.string().describe('The door that made it: its headers and body shape'),
  state: z.enum(['enabled', 'disabled']),
  disabledReason: z.string().nullable(),
  failures: z.int().describe('Attempts that failed in a row'),
  failingSince: ShownTime.nullable(),
  nextProbeAt: ShownTime.nullable().describe('Set while too much failed: only probes are sent'),
  createdAt: ShownTime,
  updatedAt: ShownTime,
})
export const EndpointList = ListOf(ShownEndpoint)
export const MadeEndpoint = ShownEndpoint.extend({
  secret: z.string().describe('Signs by the rules of Standard Webhooks; shown this once'),
})

export const ShownAttempt = z.object({
  id: ShownId('dlv').describe('The same for every attempt of one delivery'),
  attempt: z.int(),
  endpointId: ShownId('whk').nullable().describe("Null: a message's own callbackUrl"),
  url: z.string(),
  event: z.object({ id: ShownId('evt'), seq: z.int(), type: z.string() }),
  toldAs: z
    .string()
    .nullable()
    .describe("Its name at the webhook's own door, which may tell one event by several bodies; null: it could not be put into words"),
  succeeded: z.boolean(),
  status: z.int().nullable(),
  error: z.string().nullable(),
  latencyMs: z.int().nullable(),
  answer: z.string().nullable().describe('Its first kilobyte'),
  at: ShownTime,
})
export const AttemptList = ListOf(ShownAttempt)
export const Replayed = z.object({ replayed: z.int(), more: z.boolean().describe('Call again for the rest') })

export const showEndpoint = (endpoint: Endpoint) => ({
  id: showId('whk', endpoint.id),
  url: endpoint.url,
  events: endpoint.events,
  description: endpoint.description ?? null,
  channelId: showMaybe('cha', endpoint.channelId),
  style: endpoint.style,
  state: endpoint.state,
  disabledReason: endpoint.disabledReason ?? null,
  failures: endpoint.failures,
  failingSince: showTime(endpoint.failingSince),
  nextProbeAt: showTime(endpoint.nextProbeAt),
  createdAt: showTime(endpoint.createdAt),
  updatedAt: showTime(endpoint.updatedAt),
})

export const showAttempt = (attempt: DeliveryAttempt) => ({
  id: showId('dlv', attempt.deliveryId),
  attempt: attempt.attempt,
  endpointId: showMaybe('whk', attempt.endpointId),
  url: attempt.url,
  event: { id: showId('evt', attempt.eventId), seq: attempt.eventSeq, type: attempt.eventType },
  toldAs: attempt.toldAs ?? null,
  succeeded: attempt.succeeded,
  status: attempt.status ?? null,
  error: attempt.error ?? null,
  latencyMs: attempt.latencyMs ?? null,
  answer: attempt.answer ?? null,
  at: showTime(attempt.at),
})
