import { describe, expect, test } from 'vitest'
import { mount } from '@vue/test-utils'
import type { Fact, Usage } from '@/api/types'
import LogCard from '@/data/LogCard.vue'
import { logDays, usageEntry } from '@/lib/log'
import { cleanShowPurpose, codeIn, confirmText, factText, sortedFacts, valueText, verifierWords } from '@/lib/showing'

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
    expect(confirmText('always')).toContain('先问您')
    expect(confirmText('strangers')).toContain('个人扫码时，先问您')
    expect(confirmText('never')).not.toContain('问您')
    expect(new Set((['system', 'person', 'public'] as const).map((kind) => verifierWords(kind).text)).size).toBe(3)
  })

  test('a purpose is one line without control characters', () => {
    expect(cleanShowPurpose('  办理\n\u0007入职\u202e ')).toBe('办理 入职')
    expect(Array.from(cleanShowPurpose('办'.repeat(99)))).toHaveLength(30)
  })

  test('yes and no', () => {
    expect([valueText(true), valueText(false), valueText('男')]).toEqual(['是', '否', '男'])
  })

  const usage = (more: Partial<Usage>): Usage => ({
    id: 'r-1',
    at: '2026-11-25T11:00:00+08:00',
    licence_id: 'a',
    licence_type: { code: 'x', name: '机动车驾驶证' },
    verifier_kind: 'public',
    verifier: '平安酒店',
    purpose: '住宿登记',
    fields: [],
    how: 'code',
    how_label: '亮码',
    grant_id: null,
    ...more,
  })

  test('looks stand under their days', () => {
    const now = Date.parse('2026-11-25T12:00:00+08:00')
    const looks = ['2026-11-25T11:00:00+08:00', '2026-11-25T00:01:00+08:00', '2026-11-24T23:59:00+08:00', ''].map((at) => usageEntry(usage({ at })))
    expect(logDays(looks, now).map((day) => [day.title, day.entries.length])).toEqual([['今天', 2], ['昨天', 1], ['时间不详', 1]])
  })

  test('a look says who it was and how far that name can be trusted, what for, how, and its number', () => {
    const words = mount(LogCard, { props: { entry: usageEntry(usage({ fields: [{ name: 'holder_name', label: '持证主体' }] })) } }).text()
    for (const part of ['平安酒店', '名称是对方自己写的', '看了您的', '机动车驾驶证', '姓名', '住宿登记', '亮码', 'r-1']) expect(words).toContain(part)
    expect(mount(LogCard, { props: { entry: usageEntry(usage({})) } }).text()).toContain('只看到是否有效')
  })
})
