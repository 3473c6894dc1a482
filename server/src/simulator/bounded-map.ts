/**
 * Puts a value last in the map. When the map holds an eighth more than `most`, its oldest entries go until it holds `most`; answers how many went.
 * They go in slabs because a Map walks over every hole its deleted entries left at its beginning.
 */
export function putBounded<K, V>(map: Map<K, V>, entry: { key: K; value: V }, most: number): number {
  map.delete(entry.key)
  map.set(entry.key, entry.value)
  if (map.size <= most + (most >> 3)) return 0
  let gone = 0
  for (const oldest of map.keys()) {
    if (map.size <= most) break
    map.delete(oldest)
    gone++
  }
  return gone
}
