export { firstUrl, type LinkPreview } from './link-preview.ts'
export { type LinkReader, openLinkReader } from './link-reader.ts'
export { previewLink } from './preview-link.ts'
