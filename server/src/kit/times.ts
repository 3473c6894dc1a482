/** In the years 1 to 9999, which ISO 8601 writes with four digits; an offset may lead out of them. */
export function isPlainTime(time: Date): boolean {
  const year = time.getUTCFullYear()
  return year >= 1 && year <= 9999
}
