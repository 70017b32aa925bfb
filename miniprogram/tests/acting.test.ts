import { describe, expect, test } from 'vitest'
import { actingWords, licenceCodeIn, untilWords } from '@/lib/acting'

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
    const acting = { scopes: [], items: [], ends_on: null, ends_at }
    expect(actingWords({ ...acting, role: 'LEGAL_REP' })).toContain('09:30')
    expect(actingWords({ ...acting, role: 'LEGAL_REP', ends_at: null })).toBe('全部事项')
  })
})
