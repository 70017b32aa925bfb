import { describe, expect, test } from 'vitest'
import type { Fact, Usage } from '@/api/types'
import { cleanShowPurpose, codeIn, confirmText, factText, sortedFacts, usagesByDay, valueText, verifierWords } from '@/lib/showing'

const CODE = '7H3K5QZ2M4XW6TJA7NRB7CVD2E'
const fact = (more: Partial<Fact>): Fact => ({ name: 'x', label: '住址', sensitive: false, predicate: false, ...more })

describe('the code in what was scanned', () => {
  test.each([CODE, CODE.toLowerCase(), ` ${CODE}\n`, `https://gov.example/verify#c=${CODE}`, CODE.replace(/(.{4})/g, '$1-')])('%s', (text) => {
    expect(codeIn(text)).toBe(CODE)
  })

  test.each(['', 'https://gov.example/', CODE.slice(1), `${CODE}A`, CODE.replace('7', '1'), `https://gov.example/#c=${CODE}/x`])('none in “%s”', (text) => {
    expect(codeIn(text)).toBeNull()
  })
})

describe('words of showing', () => {
  test('a predicate says that it only answers; a sensitive fact that it is whole', () => {
    expect(factText(fact({ label: '年满18周岁', predicate: true }))).toBe('年满18周岁（只回答是或否）')
    expect(factText(fact({ sensitive: true }))).toBe('住址（完整内容）')
    expect(factText(fact({ name: 'holder_name', label: '持证主体' }))).toBe('姓名')
  })

  test('answers come apart from contents', () => {
    const answer = fact({ predicate: true })
    const content = fact({})
    expect(sortedFacts([content, answer])).toEqual({ answers: [answer], contents: [content] })
  })

  test('every rule and every kind of verifier has words', () => {
    expect(new Set((['never', 'strangers', 'always'] as const).map(confirmText)).size).toBe(3)
    expect(new Set((['system', 'person', 'public'] as const).map((kind) => verifierWords(kind).text)).size).toBe(3)
  })

  test('a purpose is one line without control characters', () => {
    expect(cleanShowPurpose('  办理\n\u0007入职\u202e ')).toBe('办理 入职')
    expect(Array.from(cleanShowPurpose('办'.repeat(99)))).toHaveLength(30)
  })

  test('yes and no', () => {
    expect([valueText(true), valueText(false), valueText('男')]).toEqual(['是', '否', '男'])
  })

  test('looks stand under their days', () => {
    const now = Date.parse('2026-11-25T12:00:00+08:00')
    const usages = ['2026-11-25T11:00:00+08:00', '2026-11-25T00:01:00+08:00', '2026-11-24T23:59:00+08:00', ''].map((at) => ({ at }) as Usage)
    expect(usagesByDay(usages, now).map((day) => [day.title, day.usages.length])).toEqual([['今天', 2], ['昨天', 1], ['时间不详', 1]])
  })
})
