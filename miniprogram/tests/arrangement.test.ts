import { afterEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import { useArrangement } from '@/composables/arrangement'
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

describe('the order of a wallet that is kept', () => {
  /** An answer of the gateway that comes when the test says so. */
  function pending(method: 'get' | 'put') {
    const ends = { done: (_: unknown) => {}, fail: (_: unknown) => {} }
    vi.spyOn(api, method).mockReturnValueOnce(new Promise((done, fail) => Object.assign(ends, { done, fail })))
    return ends
  }
  const LOST = new Problem({ status: 0, code: 'client.offline' })
  let who = ''
  const here = useArrangement(() => '/citizen/wallet', () => who)
  afterEach(() => void vi.restoreAllMocks())

  it('is shown at once, and taken back where it could not be kept', async () => {
    who = 'one'
    const put = pending('put')
    const changed = here.toggle('a')
    expect(here.isFavourite('a')).toBe(true)
    put.fail(LOST)
    await changed
    expect(here.isFavourite('a')).toBe(false)
    expect(here.saving.value).toBe(false)
  })

  it('goes to nobody else who logs in while an answer is on its way', async () => {
    who = 'two'
    const get = pending('get')
    const fetched = here.fetchAgain()
    who = 'three'
    get.done(of('', 'b'))
    await fetched
    expect(here.isFavourite('b')).toBe(false)
    who = 'four'
    vi.spyOn(api, 'put').mockResolvedValueOnce(undefined)
    await here.toggle('c')
    const put = pending('put')
    const changed = here.toggle('d')
    who = 'five'
    put.fail(LOST)
    await changed
    expect([here.isFavourite('c'), here.isFavourite('d')]).toEqual([false, false])
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
