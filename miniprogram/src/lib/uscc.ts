import { normaliseId } from './idNumber'

/** What can be checked of a unified social credit code on the device (GB 32100-2015). */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const LENGTH = 18

/** The check character: a weighted sum, modulo 31, over the first 17. */
function checkCharacter(code: string): string {
  let weight = 1
  let sum = 0
  for (const char of code.slice(0, LENGTH - 1)) {
    sum += ALPHABET.indexOf(char) * weight
    weight = (weight * 3) % ALPHABET.length
  }
  return ALPHABET[(ALPHABET.length - (sum % ALPHABET.length)) % ALPHABET.length]
}

/** Check a code as typed. The reason says what to look at. */
export function checkUscc(text: string): { ok: true; value: string } | { ok: false; reason: string } {
  const value = normaliseId(text)
  if (value === '') return { ok: false, reason: '请填写公司的统一社会信用代码。' }
  if (value.length !== LENGTH) return { ok: false, reason: `统一社会信用代码是 18 位，现在是 ${value.length} 位。` }
  if ([...value].some((char) => !ALPHABET.includes(char))) return { ok: false, reason: '代码里没有 I、O、S、V、Z 和符号，请对照营业执照再看一遍。' }
  if (checkCharacter(value) !== value[LENGTH - 1]) return { ok: false, reason: '代码对不上，可能有一位填错了，请对照营业执照再看一遍。' }
  return { ok: true, value }
}
