import { describe, expect, it } from 'vitest'
import type { PlaceDetail } from '@/api/appointmentTypes'
import { toGcj } from '@/appointments/where'
import { distanceText, freeText, hoursLines, openingText, rangeText, spacedCode } from '@/appointments/words'

const CLOSED = { open_now: false, closes_at: null, opens_at: null, why_closed: '' }

describe('words about places', () => {
  it('says distances as people do', () => {
    expect([null, 0.002, 0.84, 3.24, 24.6].map(distanceText)).toEqual(['', '10 米', '840 米', '3.2 公里', '25 公里'])
  })

  it('says whether a place is open, until when, and why it is not', () => {
    expect(openingText({ ...CLOSED, open_now: true, closes_at: '2026-11-25T12:00:00+08:00' })).toBe('正在办公，12:00 休息')
    expect(openingText(CLOSED)).toBe('近期不开门')
    expect(openingText({ ...CLOSED, opens_at: '2099-01-05T09:00:00+08:00', why_closed: '台风停工' })).toMatch(/^台风停工，.*09:00 开门$/)
  })

  it('leads on when nothing is free', () => {
    expect(freeText({ next_free: null })).toContain('到现场取号')
    expect(freeText({ next_free: '2099-01-05T09:00:00+08:00' })).toContain('09:00 有号')
  })

  it('says the hours line by line', () => {
    const morning = [{ opens: '09:00', closes: '12:00' }]
    const hours = (saturday: typeof morning) => hoursLines({ hours: { workdays: morning, saturday, sunday: [] } } as unknown as PlaceDetail)
    expect(hours([])).toEqual(['工作日 09:00–12:00', '周末和法定节假日不办公'])
    expect(hours(morning)).toEqual(['工作日 09:00–12:00', '周六 09:00–12:00', '其他休息日和法定节假日不办公'])
  })

  it('spells times and codes', () => {
    expect(rangeText('2026-11-26T09:00:00+08:00', '2026-11-26T09:30:00+08:00')).toBe('09:00–09:30')
    expect(spacedCode('YY7H3K5QZ2M4XW')).toBe('YY7H 3K5Q Z2M4 XW')
  })
})

describe('from WGS-84 to GCJ-02', () => {
  it('moves a place in China by some hundred metres, as the published formula does', () => {
    // Tiananmen: 39.90734, 116.39089 in WGS-84 lies at 39.90874, 116.39713 on maps.
    const found = toGcj(39.90734, 116.39089)
    expect(found.latitude).toBeCloseTo(39.90874, 3)
    expect(found.longitude).toBeCloseTo(116.39713, 3)
  })

  it('leaves places abroad where they are', () => {
    expect(toGcj(48.8566, 2.3522)).toEqual({ latitude: 48.8566, longitude: 2.3522 })
  })
})
