/** The picture of a simulated person, small enough to be its own address: two letters or digits on a colour of their number. */
export function pictureOf({ number, profileName }: { number: string; profileName: string }): string {
  const [first = '', ...others] = profileName.split(/\s+/)
  const letters = [first, others.at(-1) ?? ''].flatMap((word) => word.match(/[\p{L}\p{N}]/u) ?? []).join('')
  const hue = Number(number.replace(/\D/g, '').slice(-4)) % 360
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><rect width="96" height="96" fill="hsl(${hue} 45% 45%)"/><text x="48" y="60" font-size="36" font-family="sans-serif" fill="#fff" text-anchor="middle">${letters}</text></svg>`
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}
