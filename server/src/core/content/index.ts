export * from './content.ts'
export { reword, wordsOf } from './reword.ts'
export { withFooter } from './with-footer.ts'
