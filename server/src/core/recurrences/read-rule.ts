import { invalidField } from '#kit/errors'

/** A rule that was read and found sound. `evaluated`: without its end in time, which is an instant and no local time. */
export type Rule = { text: string; evaluated: string; until: Until | undefined }
/** YYYYMMDD, YYYYMMDDTHHMMSS, or with a Z the same in UTC. */
export type Until = string

const COUNT_MOST = 2_000

const wrong = (message: string) => invalidField('rule', `the rule ${message}`)

const numbers = (least: number, most: number, { signed = false, many = true } = {}) => ({
  fits(value: string): boolean {
    const all = value.split(',')
    return (many || all.length === 1) && all.every((one) => /^[+-]?\d{1,5}$/.test(one) && inRange(Number(one)))
    function inRange(number: number) {
      return signed ? Math.abs(number) >= least && Math.abs(number) <= most : number >= least && number <= most && !/^[+-]/.test(value)
    }
  },
})
const words = (pattern: RegExp) => ({ fits: (value: string) => pattern.test(value) })

const DAY = '(MO|TU|WE|TH|FR|SA|SU)'

/** What a rule may be made of, and no more. */
const PARTS: Readonly<Record<string, { fits(value: string): boolean }>> = {
  FREQ: words(/^(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY)$/),
  INTERVAL: numbers(1, 10_000, { many: false }),
  COUNT: numbers(1, COUNT_MOST, { many: false }),
  UNTIL: words(/^\d{8}(T\d{6}Z?)?$/),
  BYMONTH: numbers(1, 12),
  BYWEEKNO: numbers(1, 53, { signed: true }),
  BYYEARDAY: numbers(1, 366, { signed: true }),
  BYMONTHDAY: numbers(1, 31, { signed: true }),
  BYDAY: words(new RegExp(`^([+-]?[1-9]\\d?)?${DAY}(,([+-]?[1-9]\\d?)?${DAY})*$`)),
  BYHOUR: numbers(0, 23),
  BYMINUTE: numbers(0, 59),
  BYSECOND: numbers(0, 59, { many: false }), // two of them would lie closer together than a minute
  BYSETPOS: numbers(1, 366, { signed: true }),
  WKST: words(new RegExp(`^${DAY}$`)),
}

/** Throws `invalid` on what is no rule, or one that we do not take: its parts and their values are a list of allowed ones. */
export function readRule(source: string): Rule {
  const parts = readParts(
    source
      .trim()
      .toUpperCase()
      .replace(/^RRULE:/, ''),
  )
  checkTogether(parts)
  const written = [...parts].map(([name, value]) => `${name}=${value}`)
  return {
    text: written.join(';'),
    evaluated: written.filter((part) => !part.startsWith('UNTIL=')).join(';'),
    until: parts.get('UNTIL'),
  }
}

function readParts(text: string): Map<string, string> {
  const parts = new Map<string, string>()
  for (const part of text.split(';')) {
    const [name = '', value = '', ...more] = part.split('=')
    const known = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined
    if (!known || more.length > 0) throw wrong(`has a part that is not known: ${JSON.stringify(part.slice(0, 40))}`)
    if (parts.has(name)) throw wrong(`has ${name} twice`)
    if (!known.fits(value)) throw wrong(`has a value of ${name} that is not possible here: ${JSON.stringify(value.slice(0, 40))}`)
    parts.set(name, value)
  }
  return parts
}

function checkTogether(parts: ReadonlyMap<string, string>): void {
  const frequency = parts.get('FREQ')
  if (frequency === undefined) throw wrong('needs FREQ')
  if (parts.has('COUNT') && parts.has('UNTIL')) throw wrong('cannot have both COUNT and UNTIL')
  if (/\d/.test(parts.get('BYDAY') ?? '') && (!['MONTHLY', 'YEARLY'].includes(frequency) || parts.has('BYWEEKNO')))
    throw wrong('can number the days of BYDAY in months and years only')
  if (parts.has('BYWEEKNO') && frequency !== 'YEARLY') throw wrong('can have BYWEEKNO with FREQ=YEARLY only')
  if (parts.has('BYMONTHDAY') && frequency === 'WEEKLY') throw wrong('cannot have BYMONTHDAY with FREQ=WEEKLY')
  if (parts.has('BYYEARDAY') && ['DAILY', 'WEEKLY', 'MONTHLY'].includes(frequency))
    throw wrong(`cannot have BYYEARDAY with FREQ=${frequency}`)
  if (parts.has('BYSETPOS') && ![...parts.keys()].some((name) => name.startsWith('BY') && name !== 'BYSETPOS'))
    throw wrong('has BYSETPOS and nothing to choose from')
}
