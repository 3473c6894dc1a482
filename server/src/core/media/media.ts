/** A stored file. Its type is what its bytes say, whatever it was called. */
export type Media = {
  id: string
  workspaceId: string
  mimeType: string
  /** Bytes. */
  size: number
  sha256: string
  filename: string | undefined
  source: 'upload' | 'url' | 'base64' | 'inbound'
  createdAt: Date
}
