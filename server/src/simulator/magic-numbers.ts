/** What a simulated phone does of its own accord. */
export type Behaviour = 'plain' | 'absent' | 'answers' | 'unread' | 'fails' | 'throttled' | 'cut' | 'stops' | 'outside'

/** By the last four digits of the number, as published in the docs. */
const MAGIC: Readonly<Record<string, Behaviour>> = {
  '0002': 'absent',
  '0003': 'answers',
  '0004': 'unread',
  '0005': 'fails',
  '0006': 'throttled',
  '0007': 'cut',
  '0008': 'stops',
  '0009': 'outside',
}

export const behaviourOf = (number: string): Behaviour => (number.startsWith('+') ? (MAGIC[number.slice(-4)] ?? 'plain') : 'plain')
