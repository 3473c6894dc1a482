export type { DeliveryAttempt, Endpoint, EndpointSecret } from './endpoint.ts'
export type { Rendered, SignatureInput, WebhookStyle } from './webhook-style.ts'
