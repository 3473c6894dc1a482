import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Every figure that an operator asks for, by name. */
export type Metrics = ReturnType<typeof openMetrics>

const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export function openMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'chasqui_' })
  const registers = [registry]
  return { registry, ...sending(registers), ...queues(registers), ...telling(registers), ...hearing(registers), ...house(registers) }
}

const sending = (registers: Registry[]) => ({
  accepted: new Counter({ name: 'chasqui_messages_accepted_total', help: 'Messages accepted', registers }),
  started: new Counter({ name: 'chasqui_messages_started_total', help: 'Sends begun', registers }),
  outcomes: new Counter({ name: 'chasqui_send_outcomes_total', help: 'Answers of transports', labelNames: ['kind', 'code'], registers }),
  ended: new Counter({
    name: 'chasqui_messages_moved_total',
    help: 'Messages by the state they came to',
    labelNames: ['state'],
    registers,
  }),
  again: new Counter({
    name: 'chasqui_messages_sent_again_total',
    help: 'Sends repeated after an unknown outcome: each may be a second bubble',
    registers,
  }),
  lateness: new Histogram({
    name: 'chasqui_send_lateness_seconds',
    help: 'From due to the start of the send',
    buckets: SECONDS,
    registers,
  }),
  latency: new Histogram({
    name: 'chasqui_send_latency_seconds',
    help: 'Time a transport took to answer',
    labelNames: ['kind'],
    buckets: SECONDS,
    registers,
  }),
  inFlight: new Gauge({ name: 'chasqui_sends_in_flight', help: 'Sends on the wire now', registers }),
  unknownShare: new Gauge({ name: 'chasqui_unknown_outcome_share', help: 'Share of unknown outcomes among the last 1,000', registers }),
})

const queues = (registers: Registry[]) => ({
  due: new Gauge({
    name: 'chasqui_messages_due',
    help: 'Messages whose time has come and that have not started (counted to 10,000)',
    registers,
  }),
  queueLag: new Gauge({ name: 'chasqui_queue_lag_seconds', help: 'Age of the oldest due message of an open channel', registers }),
  unsettled: new Gauge({
    name: 'chasqui_messages_unsettled',
    help: 'Accepted messages that were begun and are not settled: waiting for a retry or for receipts',
    registers,
  }),
})

const telling = (registers: Registry[]) => ({
  webhookLag: new Gauge({
    name: 'chasqui_webhook_lag_events',
    help: 'Events not yet told, of the endpoint that is furthest behind',
    registers,
  }),
  deliveries: new Counter({ name: 'chasqui_webhook_attempts_total', help: 'Webhook attempts', labelNames: ['result'], registers }),
})

const hearing = (registers: Registry[]) => ({
  inbound: new Counter({ name: 'chasqui_inbound_total', help: 'What networks sent', labelNames: ['kind'], registers }),
  inboundRejects: new Counter({
    name: 'chasqui_inbound_rejects_total',
    help: 'Inbound bodies that could not be parsed: each waits for a person',
    registers,
  }),
})

const house = (registers: Registry[]) => ({
  poolWaits: new Gauge({ name: 'chasqui_database_waits', help: 'Times a connection had to be waited for', registers }),
  requests: new Histogram({
    name: 'chasqui_request_seconds',
    help: 'HTTP requests by route',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  }),
})
