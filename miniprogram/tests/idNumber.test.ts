import { describe, expect, it } from 'vitest'
import { checkId, checkName, mobileNumber, normaliseId } from '@/lib/idNumber'

const NOW = new Date('2026-11-23T00:00:00Z')

describe('ID numbers that hold', () => {
  it.each([
    ['11010519491231002X', 'woman of 1949, Beijing'],
    ['440106200002290032', 'leap day'],
    ['330113202201010029', 'county code made in 2021'],
    ['810000199408230021', 'resident from Hong Kong'],
    ['830000199201300022', 'resident from Taiwan'],
    ['820000199001010010', 'resident from Macao'],
    ['911840199001010018', 'permanent resident, new card'],
    ['ABC110000000001', 'permanent resident, old card'],
  ])('%s: %s', (number) => {
    expect(checkId(number, NOW)).toEqual({ ok: true, value: number })
  })
})

describe('ID numbers that do not hold', () => {
  it.each([
    ['', '请填写身份证号。'],
    ['11010519491231002', '身份证号是 18 位，现在是 17 位。'],
    ['1101051949123100AX', '身份证号前 17 位是数字，最后一位是数字或 X。'],
    ['110105194912310021', '号码对不上，可能有一位填错了，请再看一遍。'],
    ['44010620010229003X', '出生日期（第 7 到 14 位）不对，请对照证件再看一遍。'],
    ['440524188001010014', '出生日期（第 7 到 14 位）不对，请对照证件再看一遍。'],
    ['44010620270101003X', '出生日期（第 7 到 14 位）不对，请对照证件再看一遍。'],
    ['160105194912310021', '前两位不对，请对照证件再看一遍。'],
  ])('%s', (number, reason) => {
    expect(checkId(number, NOW)).toEqual({ ok: false, reason })
  })
})

describe('what people really type', () => {
  it('takes a lower-case x, spaces and full-width characters', () => {
    expect(checkId('110105 19491231 002x', NOW)).toEqual({ ok: true, value: '11010519491231002X' })
    expect(checkId('１１０１０５１９４９１２３１００２ｘ', NOW)).toEqual({ ok: true, value: '11010519491231002X' })
    expect(normaliseId('　４４０１　')).toBe('4401')
  })

  it('takes names as people have them', () => {
    expect(checkName(' 𬭚䶮 ')).toEqual({ ok: true, value: '𬭚䶮' })
    expect(checkName('阿依古丽•买买提')).toEqual({ ok: true, value: '阿依古丽·买买提' })
    expect(checkName('')).toMatchObject({ ok: false })
    expect(checkName('张3')).toMatchObject({ ok: false })
    expect(checkName('王'.repeat(61))).toMatchObject({ ok: false })
  })

  it('takes mobile numbers with prefix, spaces and hyphens', () => {
    for (const typed of ['13800138000', '138 0013 8000', '+86 138-0013-8000', '8613800138000', '１３８００１３８０００']) {
      expect(mobileNumber(typed)).toBe('13800138000')
    }
    expect(mobileNumber('+852 5123 4567')).toBe('+85251234567')
    expect(mobileNumber('00853-66123456')).toBe('+85366123456')
    for (const typed of ['+86 12345678901', '12345678901', '1380013800', '85298765432', 'phone', '']) expect(mobileNumber(typed)).toBeNull()
  })
})
