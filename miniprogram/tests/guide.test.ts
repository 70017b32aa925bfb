import { describe, expect, it } from 'vitest'
import type { ItemDetail } from '@/api/types'
import { onlineText, phonesIn, readGuide, texts, visitsText } from '@/lib/guide'

function item(elements: Record<string, unknown>, card: Partial<ItemDetail> = {}): ItemDetail {
  return {
    id: '11440000MB9X00111Q4440709001001',
    task_code: '11440000MB9X00111Q4440709001001',
    name: '出生登记',
    plain_name: '给孩子上户口',
    department: { code: 'gongan', name: '广东省公安厅' },
    audience: ['citizen'],
    themes: ['household'],
    region: { code: '440000', name: '广东省' },
    available: true,
    unavailable_reason: null,
    online: true,
    visits: 0,
    promise: '当场办结',
    fee: false,
    min_level: 4,
    hot: true,
    ...card,
    elements,
  }
}

describe('reading a guide', () => {
  it('gives an empty guide, never a broken one, when every element is missing', () => {
    const guide = readGuide(item({}))
    expect(guide).toMatchObject({ who: [], materials: [], flow: [], faqs: [], laws: [], free: true, promise: '当场办结' })
    expect(guide.office).toBe('广东省公安厅')
  })

  it('survives elements of a wrong kind', () => {
    const guide = readGuide(item({ materials: '身份证', handle_flow: [null, 3], faqs: {}, by_law: 7, fees: [null] }))
    expect(guide).toMatchObject({ materials: [], flow: [], faqs: [], fees: [], laws: ['7'] })
  })

  it('is the same guide when an item brings the form of its application along', () => {
    const form = { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', properties: { name: { type: 'string', title: '姓名', 'x-ui': { widget: 'text' } } } }
    const plain = { accept_condition: '本省居民', materials: [{ material_name: '居民户口簿' }] }
    expect(readGuide(item({ ...plain, form }))).toEqual(readGuide(item(plain)))
    expect(readGuide(item({ form: null }))).toEqual(readGuide(item({})))
  })

  it('says of a shared material that nobody hands it in, and of nothing else that it is an original', () => {
    const [shared] = readGuide(
      item({ materials: [{ material_name: '出生医学证明', material_type: '原件', page_num: 1, exempt_by_share: true, accept_stand: '清晰' }] }),
    ).materials
    expect(shared).toEqual({ name: '出生医学证明', form: '', tags: ['免提交'], notes: ['由部门共享的数据核对，不用交'] })
  })

  it('names form, origin and need of a material', () => {
    const [card, optional] = readGuide(
      item({
        materials: [
          { material_name: '居民身份证', material_type: '原件', page_num: 1, material_format: '纸质或电子', licence_type_code: 'x', source_type: '政府部门核发' },
          { material_name: '结婚证', is_need: '非必要', fill_explain: '未登记的改交声明' },
        ],
      }),
    ).materials
    expect(card).toMatchObject({ form: '原件 · 1 份 · 纸质或电子', tags: ['可用电子证照'], notes: ['来源：政府部门核发'] })
    expect(optional).toMatchObject({ tags: ['视情况提供'], notes: ['未登记的改交声明'] })
  })

  it('shows fees with their reduction', () => {
    const guide = readGuide(
      item({ fees: [{ fee_name: '工本费', fee_stand: '每证 20 元', is_desc: true }], is_pay_online: true, fee_basis: '发改价格〔2003〕2322号' }, { fee: true }),
    )
    expect(guide.free).toBe(false)
    expect(guide.fees).toEqual([{ name: '工本费', stand: '每证 20 元', reduction: '符合条件可以减免' }])
    expect(guide.feeNotes).toEqual(['可以网上缴费', '依据：发改价格〔2003〕2322号'])
  })

  it('is not free when the card says so but no fee is listed', () => {
    expect(readGuide(item({}, { fee: true })).free).toBe(false)
  })

  it('keeps stages and questions in order and drops those without a name', () => {
    const guide = readGuide(
      item({
        handle_flow: [{ stage: '受理', explain: '核对' }, { explain: '无名' }, { stage: '办结' }],
        faqs: [{ question: '要带孩子去吗', answer: '不用' }, { answer: '?' }],
        by_law: ['《户口登记条例》第七条', ''],
        is_schedule: true,
        handle_area: '跨省通办',
      }),
    )
    expect(guide.flow.map((stage) => stage.name)).toEqual(['受理', '办结'])
    expect(guide.faqs).toHaveLength(1)
    expect(guide.laws).toEqual(['《户口登记条例》第七条'])
    expect(guide.conveniences).toEqual(['可以预约', '跨省通办'])
  })
})

describe('words of a guide', () => {
  it('takes one text or several', () => {
    expect(texts(' 一 ')).toEqual(['一'])
    expect(texts(['一', '', null, 2])).toEqual(['一', '2'])
    expect(texts(undefined)).toEqual([])
  })

  it.each([
    ['020-12345', ['020-12345']],
    ['020-12345、12333（工作时间）', ['020-12345', '12333']],
    ['0755－88120000 或 13800138000', ['0755-88120000', '13800138000']],
    ['见大厅公告', []],
    ['12345，12345', ['12345']],
  ])('finds the numbers to call in %s', (words, numbers) => {
    expect(phonesIn(words)).toEqual(numbers)
  })

  it('tells fully online from partly online', () => {
    expect(onlineText({ online: true, visits: 0 })).toBe('全程网办')
    expect(onlineText({ online: true, visits: 1 })).toBe('可网上办')
    expect(onlineText({ online: false, visits: 0 })).toBe('')
    expect([visitsText(0), visitsText(2)]).toEqual(['不用跑', '最多跑 2 次'])
  })
})
