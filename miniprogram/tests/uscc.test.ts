import { describe, expect, test } from 'vitest'
import { checkUscc } from '@/lib/uscc'

describe('a unified social credit code as typed', () => {
  test('holds with blanks, small letters and full-width characters', () => {
    expect(checkUscc(' 91440300 ma5abcd19w ')).toEqual({ ok: true, value: '91440300MA5ABCD19W' })
    expect(checkUscc('９1440300MA5ABCD19W')).toEqual({ ok: true, value: '91440300MA5ABCD19W' })
    expect(checkUscc('11440000MB9X00015F').ok).toBe(true)
  })

  test.each([
    ['', '请填写'],
    ['91440300MA5ABCD19', '17 位'],
    ['91440300MA5ABCD1SW', 'I、O、S、V、Z'],
    ['91440300MA5ABCD18W', '对不上'],
  ])('%s is refused with a reason', (text, reason) => {
    const checked = checkUscc(text)
    expect(checked.ok ? '' : checked.reason).toContain(reason)
  })
})
