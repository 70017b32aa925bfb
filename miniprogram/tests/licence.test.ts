import { describe, expect, it } from 'vitest'
import type { EnterpriseDetail, LicenceCard, Section, WalletSource } from '@/api/types'
import { capitalText, enterpriseTodos, groupedUscc, industryName, kindName, splitSections } from '@/lib/enterprise'
import { cleanPurpose, isUsable, licenceIcon, licenceState, PURPOSE_LONGEST, renewalSearch, sortedWallet, sourceNotes, sourcesSummary, validText } from '@/lib/licence'
import { shapes } from '@/icons/data'

const NOW = Date.parse('2026-11-23T10:00:00+08:00')

function card(change: Partial<LicenceCard> = {}): LicenceCard {
  return {
    id: '1',
    type_code: '11100000000013127D001',
    name: '居民身份证',
    number: '440***********0032',
    holder: '张*',
    issuer: '广州市公安局',
    status: 'VALID',
    status_label: '有效',
    valid_to: '2036-01-01',
    hue: 'blue',
    freshness: 'fresh',
    as_of: '2026-11-23T09:58:00+08:00',
    source: 'gd-gongan',
    ...change,
  }
}

describe('the ribbon of a licence', () => {
  it.each([
    [card(), 'valid', '有效'],
    [card({ valid_to: null }), 'valid', '有效'],
    [card({ valid_to: '2027-02-21' }), 'soon', '将到期 · 剩 90 天'],
    [card({ valid_to: '2027-02-22' }), 'valid', '有效'],
    [card({ valid_to: '2026-11-23' }), 'soon', '今天到期'],
    [card({ valid_to: '2026-11-22' }), 'ended', '已过期'],
    [card({ status: 'EXPIRED', status_label: '过期失效' }), 'ended', '已过期'],
    [card({ status: 'LOST', status_label: '挂失' }), 'halted', '挂失'],
    [card({ status: 'SUSPENDED', status_label: '暂扣' }), 'halted', '暂扣'],
    [card({ status: 'REVOKED', status_label: '撤销' }), 'ended', '撤销'],
    [card({ status: 'SUPERSEDED', status_label: '已换发' }), 'ended', '已换发'],
  ])('%#', (licence, mood, label) => {
    const state = licenceState(licence, NOW)
    expect([state.mood, state.label]).toEqual([mood, label])
    expect(state.icon in shapes).toBe(true)
  })

  it('says where it is renewed or replaced, unless there is no need', () => {
    const search = (change: Partial<LicenceCard>, ofEnterprise = false) => renewalSearch(card(change), ofEnterprise, NOW)
    expect(search({})).toBeNull()
    expect(search({ status: 'SUSPENDED' })).toBeNull()
    expect(search({ valid_to: '2026-12-01' })).toEqual({ q: '居民身份证', audience: 'citizen' })
    expect(search({ status: 'LOST' }, true)).toEqual({ q: '居民身份证', audience: 'enterprise' })
  })

  it('is offered to be shown only while it holds', () => {
    const usable = (change: Partial<LicenceCard>) => isUsable(card(change), NOW)
    expect([usable({}), usable({ valid_to: '2026-12-01' })]).toEqual([true, true])
    expect([usable({ status: 'LOST' }), usable({ status: 'SUSPENDED' }), usable({ valid_to: '2026-11-20' })]).toEqual([false, false, false])
  })

  it('says how long it holds', () => {
    expect(validText(card())).toBe('有效期至 2036年1月1日')
    expect(validText(card({ valid_to: null }))).toBe('长期有效')
  })
})

describe('a wallet', () => {
  it('puts what has ended apart and keeps the order', () => {
    const cards = [card({ id: 'a', status: 'EXPIRED' }), card({ id: 'b' }), card({ id: 'c', status: 'LOST', status_label: '挂失' })]
    const { usable, ended } = sortedWallet(cards, NOW)
    expect(usable.map((one) => one.id)).toEqual(['b', 'c'])
    expect(ended.map((one) => one.id)).toEqual(['a'])
  })

  const sources: WalletSource[] = [
    { code: 'ga', name: '公安厅', status: 'fresh', as_of: '2026-11-23T09:58:00+08:00' },
    { code: 'yb', name: '医保局', status: 'stale', as_of: '2026-11-22T18:20:00+08:00' },
    { code: 'mz', name: '民政厅', status: 'unavailable', as_of: null },
    { code: 'wj', name: '卫健委', status: 'none', as_of: null },
  ]

  it('speaks of the issuers that do not answer, and of no other', () => {
    expect(sourceNotes(sources, NOW).map((note) => note.text)).toEqual([
      '医保局暂时不可用，显示昨天 18:20 的数据',
      '民政厅暂时不可用，它签发的证照这次没有显示',
    ])
    expect(sourcesSummary(sources)).toBe('已查询 4 个签发系统，1 个没有回应')
    expect(sourcesSummary(sources.slice(0, 1))).toBe('已查询 1 个签发系统')
  })

  it('has a drawing for every kind of licence', () => {
    const names = ['居民身份证', '居住证', '机动车驾驶证', '机动车行驶证', '社会保障卡', '医保电子凭证', '不动产权证书', '结婚证', '出生医学证明', '营业执照', '食品经营许可证', '别的']
    for (const name of names) expect(licenceIcon(name) in shapes, name).toBe(true)
  })
})

describe('the purpose in a watermark', () => {
  it.each([
    ['  办理   入职 ', '办理 入职'],
    ['第一行\n第二行', '第一行 第二行'],
    ['\u202e反写', '反写'],
    ['', ''],
    ['\u200b\u200f', ''],
  ])('cleans %j', (typed, kept) => expect(cleanPurpose(typed)).toBe(kept))

  it('cuts by characters, not in the middle of one', () => {
    expect(Array.from(cleanPurpose('𬭚'.repeat(30)))).toHaveLength(PURPOSE_LONGEST)
  })
})

describe('an enterprise', () => {
  const detail = (cards: LicenceCard[]) => ({ sections: [], wallet: { as_of: '', items: cards, sources: [] } }) as unknown as EnterpriseDetail

  it('has to see to licences that end, rest or have ended', () => {
    const todos = enterpriseTodos(
      detail([
        card({ id: 'ok' }),
        card({ id: 'soon', valid_to: '2026-12-03' }),
        card({ id: 'lost', status: 'LOST', status_label: '挂失' }),
        card({ id: 'gone', status: 'EXPIRED', valid_to: '2026-11-20' }),
      ]),
      NOW,
    )
    expect(todos.map((todo) => [todo.licenceId, todo.due])).toEqual([
      ['soon', '还剩 10 天'],
      ['lost', ''],
      ['gone', '已过期 3 天'],
    ])
  })

  it.each([
    ['逾期未报', '2026年6月30日', ['本年度逾期未报，请尽快办理', '已过期 146 天']],
    ['已报', '2026年6月30日', null],
    ['未报', '2026年12月15日', ['截止日期 2026年12月15日', '还剩 22 天']],
    ['未报', '2027年6月30日', null],
    ['未报', '待定', null],
  ])('an account that says %s, due %s', (state, due, expected) => {
    const section = { code: 'annual_report', title: '年报', headline: { label: '本年度', value: state, unit: '' }, lines: [{ label: '截止日期', value: due }] }
    const todos = enterpriseTodos({ ...detail([]), sections: [section as unknown as Section] }, NOW)
    expect(todos.map((todo) => [todo.text, todo.due])).toEqual(expected ? [expected] : [])
  })

  it('is led to the guide of what is done, whatever the account is called', () => {
    const section = (title: string) => ({ code: title, title, headline: null, lines: [{ label: '下次申报截止', value: '2026年12月15日' }] }) as unknown as Section
    const todos = enterpriseTodos({ ...detail([]), sections: [section('纳税'), section('年报')] }, NOW)
    expect(todos.map((todo) => todo.q)).toEqual(['报税', '年报'])
  })

  it('reads well', () => {
    expect(groupedUscc('91440300MA5ABCD19W')).toBe('91 440300 MA5ABCD19 W')
    expect(groupedUscc('?')).toBe('?')
    expect([kindName('individual'), kindName('other' as 'individual')]).toEqual(['个体工商户', '经营主体'])
    expect([capitalText(50), capitalText(1234.5), capitalText(null)]).toEqual(['50 万元', '1,234.5 万元', ''])
    expect([industryName({ code: 'H', name: '餐饮' }), industryName('餐饮'), industryName(null)]).toEqual(['餐饮', '餐饮', ''])
  })

  it('names sections without a record apart from the others', () => {
    const section = (code: string, kind: string, status: string) => ({ code, kind, status, title: code }) as unknown as Section
    const { shown, absent } = splitSections([section('a', 'account', 'fresh'), section('b', 'account', 'none'), section('c', 'licences', 'fresh')])
    expect([shown.map((one) => one.code), absent.map((one) => one.code)]).toEqual([['a'], ['b']])
  })
})
