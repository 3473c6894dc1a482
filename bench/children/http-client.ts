import { answerCalls } from '../calls.ts'
import { openPost, type Target } from '../peers/post.ts'

/** What the HTTP client alone can do against the emulator: the ceiling of every queue with this handler. */
answerCalls({
  async run({ target, count, connections }: { target: Target; count: number; connections: number }) {
    const { post, close } = openPost(target, connections)
    let next = 0
    const worker = async () => {
      while (next < count) await post(`alone-${process.pid}-${next++}`)
    }
    await post('alone-warm')
    const begun = performance.now()
    await Promise.all(Array.from({ length: connections }, worker))
    const seconds = (performance.now() - begun) / 1000
    await close()
    return seconds
  },
})
