/** First in, first out, without moving the rest at every take. */
export interface Fifo<T> {
  push(item: T): void
  take(): T | undefined
  size(): number
}

export function createFifo<T>(): Fifo<T> {
  let items: T[] = []
  let head = 0
  return {
    push: (item) => void items.push(item),
    take() {
      const item = items[head++]
      if (item === undefined) head = items.length
      if (head > 1024 && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
    size: () => Math.max(0, items.length - head),
  }
}
