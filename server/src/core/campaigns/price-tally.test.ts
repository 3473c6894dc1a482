import { expect, test } from 'vitest'
import { openPriceTally } from './price-tally.ts'

const now = new Date('2026-03-01T12:00:00Z')
const recently = new Date('2026-03-01T11:00:00Z')
const template = { type: 'template' as const, name: 'spring', language: 'en', components: [] }
const prices = { currency: 'USD', byCountry: { PE: { marketing: 0.0703, utility: 0.02 } }, elsewhere: { marketing: 0.1 } }

const costOf = (content: Parameters<typeof openPriceTally>[1]['content'], category?: 'marketing' | 'utility' | 'service') => {
  const tally = openPriceTally(prices, { content, settings: { category }, now })
  for (let n = 0; n < 3; n++) tally.add('PE', undefined)
  tally.add('PE', recently)
  tally.add('US', undefined)
  return tally.result()
}

test('a template costs what its category does in the country of each person', () => {
  expect(costOf(template)).toEqual({ currency: 'USD', amount: 0.3812, unpriced: 0 })
})

test('a utility template is free inside the window, and a country without a price is told', () => {
  expect(costOf(template, 'utility')).toEqual({ currency: 'USD', amount: 0.06, unpriced: 1 })
})

test('answers and other messages cost nothing', () => {
  expect(costOf(template, 'service')).toEqual({ currency: 'USD', amount: 0, unpriced: 0 })
  expect(costOf({ type: 'text', text: 'hi' })).toEqual({ currency: 'USD', amount: 0, unpriced: 0 })
})

test('without a price list nothing is said', () => {
  const tally = openPriceTally(undefined, { content: template, settings: {}, now })
  tally.add('PE', undefined)
  expect(tally.result()).toBeUndefined()
})
