/**
 * What can be checked of an ID number on the device, so that a typing error costs no request.
 *
 * GB 11643-1999: 17 digits and a check character by ISO 7064 MOD 11-2; residents of Hong Kong,
 * Macao and Taiwan carry 81, 82, 83 in front, permanent residents a 9. County codes are not
 * checked: they are abolished and created, and an old number stays right.
 */
export type IdCheck = { ok: true; value: string } | { ok: false; reason: string }

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
)
const OLDEST_YEARS = 130

/** Full-width characters made half-width, spaces dropped, letters in upper case. */
export function normaliseId(text: string): string {
  return text
    .replace(/[！-～]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/\s/g, '')
    .toUpperCase()
}

function checkCharacter(digits: string): string {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(digits[index]), 0)
  return CHECKS[sum % 11]
}

function birthDateHolds(text: string, now: Date): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6, 8))]
  const date = new Date(Date.UTC(year, month - 1, day))
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return real && date.getTime() <= now.getTime() && now.getUTCFullYear() - year <= OLDEST_YEARS
}

/** Check a typed ID number. The reason says what to look at. */
export function checkId(text: string, now: Date = new Date()): IdCheck {
  const value = normaliseId(text)
  if (value === '') return { ok: false, reason: '请填写身份证号。' }
  // Permanent residents' cards from before December 2023: three letters and twelve digits.
  if (/^[A-Z]{3}\d{12}$/.test(value)) return { ok: true, value }
  if (value.length !== 18) return { ok: false, reason: `身份证号是 18 位，现在是 ${value.length} 位。` }
  if (!/^\d{17}[\dX]$/.test(value)) return { ok: false, reason: '身份证号前 17 位是数字，最后一位是数字或 X。' }
  if (value[0] !== '9' && !PROVINCES.has(value.slice(0, 2))) return { ok: false, reason: '前两位不对，请对照证件再看一遍。' }
  if (!birthDateHolds(value.slice(6, 14), now)) return { ok: false, reason: '出生日期（第 7 到 14 位）不对，请对照证件再看一遍。' }
  if (checkCharacter(value) !== value[17]) return { ok: false, reason: '号码对不上，可能有一位填错了，请再看一遍。' }
  return { ok: true, value }
}

/** Check a typed name: present, no digits, not longer than any real one. */
export function checkName(text: string): { ok: true; value: string } | { ok: false; reason: string } {
  const value = text.trim().replace(/[•・‧∙.．]/g, '·')
  if (value === '') return { ok: false, reason: '请填写姓名。' }
  if (/\d/.test(value)) return { ok: false, reason: '姓名里不应有数字，请和证件上一致。' }
  if (Array.from(value).length > 60) return { ok: false, reason: '姓名太长，请和证件上一致。' }
  return { ok: true, value }
}

/**
 * A mobile number to send: 11 digits of the mainland, or another region's with its code (+852 …).
 * Null when it can be neither. Accepts spaces, hyphens, +86 and full-width digits.
 */
export function mobileNumber(text: string): string | null {
  const plain = normaliseId(text).replace(/-/g, '').replace(/^00/, '+').replace(/^(\+86|86(?=1\d{10}$))/, '')
  return /^1[3-9]\d{9}$/.test(plain) || /^\+(?!86)[1-9]\d{6,14}$/.test(plain) ? plain : null
}
