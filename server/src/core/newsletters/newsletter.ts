import type { RoadNewsletter } from '#core/transport'

/** A WhatsApp channel that people follow, as the network tells it; the word channel is taken. */
export type Newsletter = RoadNewsletter & { id: string; workspaceId: string; channelId: string; createdAt: Date }
