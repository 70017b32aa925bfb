import { describe, expect, test } from 'vitest'
import type { Benefit } from '@/api/policyTypes'
import { mattersOf } from '@/lib/matters'
import { nextStep, periodText, policiesAt, waitsForMe } from '@/lib/policies'

const NOW = Date.parse('2026-11-26T04:00:00Z')
const benefit = (over: Partial<Benefit>): Benefit => ({
  id: 'b', code: 'gaoling-jintie', title: '高龄津贴', kind_name: '免申即享', department: '民政厅', holder: '李*', number: '', period: '2026-11',
  state: 'offered', state_name: '待您确认', amount: '100 元', account: '', due_on: null, answer_by: null, created_at: '2026-11-01T00:00:00+08:00', ...over,
})

describe('benefits in everyday words', () => {
  test('the door is one’s own, or that of the enterprise', () => {
    expect(policiesAt()).toBe('/citizen/policies')
    expect(policiesAt('91X', 'benefits')).toBe('/enterprise/enterprises/91X/policies/benefits')
  })

  test('what is to be done by me, and what comes next', () => {
    expect(waitsForMe(benefit({}))).toBe(true)
    expect(waitsForMe(benefit({ state: 'paying' }))).toBe(false)
    expect(nextStep(benefit({ state: 'contested', answer_by: '2026-12-10' }))).toContain('最晚2026年12月10日答复')
    expect(nextStep(benefit({ state: 'paid', account: '示范银行 尾号 0001' }))).toBe('已发到示范银行 尾号 0001')
  })

  test('a period is a month, a year, or nothing to say', () => {
    expect([periodText('2026-11'), periodText('2026'), periodText('once')]).toEqual(['2026年11月', '2026年', ''])
  })
})

describe('matters of an enterprise', () => {
  const one = { status: '存续', established_on: '2020-01-01', industry: { code: 'H6210', name: '正餐服务' } }

  test('its industry comes before what everybody has', () => {
    expect(mattersOf(one, NOW).map((each) => each.why)[0]).toBe('餐饮业')
  })

  test('a young one is told what the first year asks for, an old one that has ended how it ends', () => {
    expect(mattersOf({ ...one, established_on: '2026-06-01' }, NOW)[0].q).toBe('税务报到')
    expect(mattersOf({ ...one, status: '吊销' }, NOW).map((each) => each.q)).toEqual(['简易注销', '注销清税'])
  })
})
