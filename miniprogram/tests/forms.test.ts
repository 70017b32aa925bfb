import { describe, expect, it } from 'vitest'
import read from '../../tests/vectors/forms.json'
import { calculated, Filling } from '@/apply/form/filling'
import { attachedTo, fieldsOf, wordsOf } from '@/apply/form/fields'
import type { FieldSchema, Form, Hint, Values } from '@/apply/form/types'

interface Vector {
  name: string
  form: Form
  cases: { values: Values; counted: Values; mistakes: Record<string, string> }[]
}
const vectors = read as unknown as Vector[]

describe.each(vectors)('a form with $name', ({ form, cases }) => {
  const filling = new Filling(form)

  it.each(cases)('counts $values as the gateway does', ({ values, counted, mistakes }) => {
    const kept = filling.counted(values)
    expect(kept).toEqual(counted)
    const found = Object.fromEntries(filling.mistakes(kept).map(({ pointer, detail }) => [pointer, detail]))
    expect(found).toEqual(mistakes)
  })
})

describe('fields', () => {
  it('of long texts have room for several lines', () => {
    const kinds = (schema: FieldSchema, hint: Hint = {}) => fieldsOf({ type: 'object', properties: { one: schema } }, { one: hint }, {}).map((field) => field.kind)
    expect(kinds({ type: 'string', maxLength: 200 })).toEqual(['area'])
    expect(kinds({ type: 'string', maxLength: 60 })).toEqual(['text'])
    expect(kinds({ type: 'string', maxLength: 200 }, { widget: 'tel' })).toEqual(['text'])
  })
})

describe('a value in words', () => {
  it.each<[FieldSchema, Hint, unknown, string]>([
    [{ type: 'integer' }, { unit: '份' }, 3, '3 份'],
    [{ type: 'string' }, { unit: '元' }, '面议', '面议'],
    [{ type: 'integer' }, {}, 3, '3'],
    [{ type: 'string', format: 'date' }, {}, '2026-01-09', '2026年1月9日'],
    [{ type: 'string', oneOf: [{ const: 'a', title: '甲' }] }, {}, 'a', '甲'],
    [{ type: 'boolean' }, {}, false, '否'],
    [{ type: 'array' }, {}, ['甲', '乙'], '甲、乙'],
    [{ type: 'string' }, { unit: '元' }, '', ''],
  ])('%o', (schema, hint, value, words) => {
    expect(wordsOf(schema, hint, value)).toBe(words)
  })
})

describe('a material that belongs to a field', () => {
  it('is supplied among the others while that field is not asked for', () => {
    const ui = { order: ['lease', 'bill'], lease: { attach: '租赁合同' }, bill: { attach: '发票' }, name: {} }
    expect([...attachedTo(ui, () => true)]).toEqual(['租赁合同', '发票'])
    expect([...attachedTo(ui, (name) => name !== 'lease')]).toEqual(['发票'])
  })
})

describe('calculations', () => {
  it('have no result while a part is missing, and round to cents', () => {
    expect(calculated(['*', 'rent', 'months'], { rent: 3 })).toBeNull()
    expect(calculated(['-', 'a', 'b'], { a: 0.3, b: 0.1 })).toBe(0.2)
  })
})
