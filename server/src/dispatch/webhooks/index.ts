export { openWebhookTeller, type WebhookTeller, type WebhookTellerParts } from './webhook-teller.ts'
