import { describe, expect, it } from 'vitest'
import { arranged, moved, toggled } from '@/lib/arrangement'
import { usageFilters } from '@/lib/log'
import type { LicenceCard } from '@/api/types'

const cards = ['a', 'b', 'c', 'd'].map((id) => ({ id }) as LicenceCard)
const ids = (found: { id: string }[]) => found.map((one) => one.id).join('')
const of = (order: string, favourites = '') => ({ order: [...order], favourites: [...favourites] })

describe('the order of a wallet', () => {
  it('is the wallet’s own as long as nothing was chosen', () => {
    expect(ids(arranged(cards, of('')))).toBe('abcd')
  })
  it('has favourites on top, then the order, then the rest', () => {
    expect(ids(arranged(cards, of('ca', 'd')))).toBe('dcab')
    expect(ids(arranged(cards, of('ca', 'xd')))).toBe('dcab')
  })
  it('moves a card by one and keeps favourites on top', () => {
    expect(moved(cards, of(''), 'b', 1).order.join('')).toBe('acbd')
    expect(moved(cards, of('', 'a'), 'b', -1).order.join('')).toBe('abcd')
    expect(moved(cards, of(''), 'a', -1).order.join('')).toBe('abcd')
    expect(moved(cards, of(''), 'd', 1).order.join('')).toBe('abcd')
  })
  it('takes a favourite and gives it back', () => {
    const once = toggled(of('ab'), 'b')
    expect(once).toEqual(of('ab', 'b'))
    expect(toggled(once, 'b')).toEqual(of('ab'))
  })
})

describe('what the log is narrowed by', () => {
  it('asks for nothing that was not chosen', () => {
    expect(usageFilters('', '', 0, '')).toEqual({})
  })
  it('counts days back from now', () => {
    const now = Date.parse('2026-11-25T12:00:00Z')
    expect(usageFilters('x', 'system', 7, '住宿', now)).toEqual({
      licence: 'x', verifier_kind: 'system', since: '2026-11-18T12:00:00.000Z', words: '住宿',
    })
  })
})
