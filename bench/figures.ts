/** The middle one; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** The value that `share` (0 to 1) of all are not above. NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Ratios of the rounds, each with its own partner: what a noisy machine does to one it does to the other. */
export const ratios = (ours: readonly number[], theirs: readonly number[]): number[] =>
  ours.map((value, i) => value / (theirs[i] ?? Number.NaN))

/** 12345.6 -> 12,346; small ones keep digits. */
export function show(value: number, digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2): string {
  return Number.isNaN(value) ? '-' : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Median, and all rounds behind it. */
export const showRounds = (values: readonly number[]): string =>
  `${show(median(values))} (${values.map((value) => show(value)).join(', ')})`

/** Rotates the order from round to round, so that nobody always comes first. */
export const rotated = <Item>(items: readonly Item[], round: number): Item[] =>
  items.map((_, i) => items[(i + round) % items.length] as Item) // the index is within bounds
