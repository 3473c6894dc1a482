/** Puts a value last in the map and lets the oldest entries go while it holds more than `most`; answers how many went. */
export function putBounded<K, V>(map: Map<K, V>, entry: { key: K; value: V }, most: number): number {
  map.delete(entry.key)
  map.set(entry.key, entry.value)
  let gone = 0
  for (const oldest of map.keys()) {
    if (map.size <= most) break
    map.delete(oldest)
    gone++
  }
  return gone
}
