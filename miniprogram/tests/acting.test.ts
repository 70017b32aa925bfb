import { describe, expect, test } from 'vitest'
import { actingWords, filedWords, licenceCodeIn, limitIn, untilWords } from '@/lib/acting'

describe('acting by electronic business licence', () => {
  test('a code is read as it is shown, scanned or typed', () => {
    expect(licenceCodeIn(' 7f3k-9q2m-xt5a ')).toBe('7F3K-9Q2M-XT5A')
    expect(licenceCodeIn('7F3K 9Q2M XT5A')).toBe('7F3K9Q2MXT5A')
    for (const other of ['', '7F3K', 'https://example.com/7F3K', '执照码七八九十执照码七八九十']) expect(licenceCodeIn(other)).toBe('')
  })

  test('its end is said to the minute, that of an invitation to the day', () => {
    const ends_at = '2030-01-02T09:30:00+08:00'
    expect(untilWords(null, ends_at)).toContain('09:30')
    expect(untilWords('2030-01-02')).toBe('到 2030年1月2日（含当天）')
    const acting = { scopes: [], items: [], ends_on: null, ends_at, cases_left: null }
    expect(actingWords({ ...acting, role: 'LEGAL_REP' })).toContain('09:30')
    expect(actingWords({ ...acting, role: 'LEGAL_REP', ends_at: null })).toBe('全部事项')
  })
})

describe('how many applications', () => {
  test('none is any number, a number is one, anything else is neither', () => {
    expect(limitIn('any')).toBeNull()
    expect([limitIn('5'), limitIn(' 30 件'), limitIn('10000')]).toEqual([5, 30, 10_000])
    for (const wrong of ['', '0', '-1', '10001', '1.5', '三']) expect(limitIn(wrong)).toBeUndefined()
  })

  test('it is said to the enterprise and to the agent', () => {
    expect(filedWords({ most_cases: 20, cases_filed: 2 })).toBe('已申办 2 件，最多 20 件')
    expect(filedWords({ most_cases: null, cases_filed: 0 })).toBe('已申办 0 件，不限件数')
    expect(actingWords({ role: 'AGENT', scopes: ['cases.apply'], items: [], ends_on: '2030-01-02', ends_at: null, cases_left: 18 })).toContain('还可申办 18 件')
  })
})
