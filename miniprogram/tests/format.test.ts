import { describe, expect, it } from 'vitest'
import { clockText, dayText, daysUntil, dueText, fieldText, levelName, levelNeeded, longDate, longTime, momentText, notRenewed, relativeTime, shownFrom, spacedPhone, unlockText, waitText } from '@/lib/format'

const NOW = Date.parse('2026-11-23T10:00:00+08:00')

describe('relative time, by the clock of China', () => {
  it.each([
    ['2026-11-23T09:59:30+08:00', '刚刚'],
    ['2026-11-23T09:57:00+08:00', '3 分钟前'],
    ['2026-11-23T01:00:00+00:00', '1 小时前'],
    ['2026-11-23T00:30:00+08:00', '9 小时前'],
    ['2026-11-22T18:20:00+08:00', '昨天 18:20'],
    ['2026-03-05T09:00:00+08:00', '3月5日 09:00'],
    ['2025-12-31T20:00:00+08:00', '2025年12月31日'],
    ['2026-11-23T10:00:20+08:00', '刚刚'],
  ])('%s is %s', (iso, words) => {
    expect(relativeTime(iso, NOW)).toBe(words)
  })

  it('is empty for what is no time', () => {
    expect(relativeTime(null, NOW)).toBe('')
    expect(relativeTime('soon', NOW)).toBe('')
  })

  it('stands in a sentence about what is old', () => {
    expect(shownFrom('2026-11-23T09:57:00+08:00', '数据', NOW)).toBe('显示 3 分钟前的数据')
    expect(shownFrom('2026-11-22T18:20:00+08:00', '数据', NOW)).toBe('显示昨天 18:20 的数据')
    expect(notRenewed('2025-12-31T20:00:00+08:00', NOW)).toBe('没有更新成功，显示 2025年12月31日的内容')
    expect(notRenewed('', NOW)).toBe('没有更新成功，显示之前的内容')
  })
})

describe('days and moments', () => {
  it.each([
    ['2026-11-23T23:59:59+08:00', '今天'],
    ['2026-11-22T16:00:00Z', '今天'],
    ['2026-11-22T15:59:59Z', '昨天'],
    ['2026-11-24T01:00:00+08:00', '明天'],
    ['2026-11-21T09:00:00+08:00', '11月21日 星期六'],
    ['2025-12-31T20:00:00+08:00', '2025年12月31日 星期三'],
    ['1969-07-20T20:00:00Z', '1969年7月21日 星期一'],
  ])('%s is %s', (iso, words) => expect(dayText(iso, NOW)).toBe(words))

  it('are told by the clock of China', () => {
    expect(clockText('2026-11-22T23:30:00Z')).toBe('07:30')
    expect(momentText('2026-11-23T18:00:00+08:00', NOW)).toBe('今天 18:00')
    expect(momentText('2026-11-26T02:00:00+08:00', NOW)).toBe('11月26日 02:00')
    expect([clockText(null), dayText('soon', NOW), momentText(undefined, NOW)]).toEqual(['', '', ''])
  })
})

describe('dates', () => {
  it('are written out', () => {
    expect(longDate('2036-01-01')).toBe('2036年1月1日')
    expect(longDate('2026-11-22T23:30:00+00:00')).toBe('2026年11月23日')
    expect(longDate(null)).toBe('')
    expect(longDate('长期')).toBe('长期')
    expect([fieldText('2012-12-01'), fieldText('********12'), fieldText('440106')]).toEqual(['2012年12月1日', '********12', '440106'])
    expect(longTime('2026-11-22T23:30:00+00:00')).toBe('2026年11月23日 07:30')
  })

  it('count down in whole days', () => {
    expect(daysUntil('2026-12-01', NOW)).toBe(8)
    expect(dueText('2026-12-01', NOW)).toBe('还剩 8 天')
    expect(dueText('2026-11-23', NOW)).toBe('今天到期')
    expect(dueText('2026-11-20', NOW)).toBe('已过期 3 天')
    expect(dueText('never', NOW)).toBe('')
  })
})

describe('words', () => {
  it('say how long to wait', () => {
    expect(waitText(0)).toBe('1 秒')
    expect(waitText(45)).toBe('45 秒')
    expect(waitText(540)).toBe('9 分钟')
    expect(waitText(3600)).toBe('1 小时')
    expect(waitText(3900)).toBe('1 小时 5 分钟')
  })

  it('name levels and what they unlock', () => {
    expect(levelName(3)).toBe('实名用户')
    expect(levelName(null)).toBe('未登录')
    expect([0, 1, 3, 4, 5].map(levelNeeded)).toEqual(['不用登录', '手机号登录', '实名认证', '人脸核验', '在窗口核验身份'])
    expect(unlockText(1).action).toBe('去登录')
    expect(unlockText(3).action).toBe('去认证')
    expect(unlockText(4).action).toBe('去核验')
    expect(unlockText(5).action).toBe('')
  })

  it('space phone numbers', () => {
    expect(spacedPhone('+8613800138000')).toBe('138 0013 8000')
    expect(spacedPhone('138****8000')).toBe('138****8000')
  })
})
