/** Whom a message's event is about. */
export function subjectsOf(message: {
  id: string
  channelId: string
  conversationId: string
  contactId?: string | null | undefined
  campaignId?: string | null | undefined
}): Record<string, string> {
  const { id, channelId, conversationId, contactId, campaignId } = message
  return { messageId: id, channelId, conversationId, ...(contactId && { contactId }), ...(campaignId && { campaignId }) }
}
