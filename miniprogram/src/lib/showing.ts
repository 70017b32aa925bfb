import type { ConfirmRule, Fact, NamedField, VerifierKind } from '@/api/types'

/** What people show a licence for, in everyday words. */
export const SHOW_PURPOSES: readonly string[] = ['办事核验', '住宿登记']
export const SHOW_PURPOSE_LONGEST = 30

/** A purpose as the gateway takes it: one line of at least two characters. */
export function cleanShowPurpose(words: string): string {
  const line = words.replace(/[\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e]/g, ' ').trim().replace(/\s+/g, ' ')
  return Array.from(line).slice(0, SHOW_PURPOSE_LONGEST).join('')
}

/** Yes-or-no answers apart from contents: they tell less, so they are offered first. */
export function sortedFacts(facts: readonly Fact[]): { answers: Fact[]; contents: Fact[] } {
  return { answers: facts.filter((one) => one.predicate), contents: facts.filter((one) => !one.predicate) }
}

/** What every licence has, in everyday words; the facts of a type have words of their own. */
const PLAIN: Record<string, string> = {
  holder_name: '姓名',
  issue_date: '发证日期',
  valid_from: '有效期开始',
  valid_to: '有效期截止',
}
export const labelOf = (field: NamedField): string => PLAIN[field.name] ?? (field.label || field.name)

/** “年满18周岁（只回答是或否）”. */
export function factText(fact: Fact): string {
  const label = labelOf(fact)
  if (fact.predicate) return `${label}（只回答是或否）`
  return fact.sensitive ? `${label}（完整内容）` : label
}

/** When the phone asks before anything is shown. */
export function confirmText(rule: ConfirmRule): string {
  if (rule === 'always') return '有人扫码时，先问您同不同意'
  if (rule === 'strangers') return '单位窗口扫码直接核验；个人扫码时，先问您同不同意'
  return '对方扫码后直接看到'
}

const VERIFIERS: Record<VerifierKind, { icon: string; text: string }> = {
  system: { icon: 'landmark', text: '已登记的单位' },
  person: { icon: 'user-round', text: '实名的个人' },
  public: { icon: 'circle-question-mark', text: '没有登录，名称是对方自己写的' },
}

/** Who looks, and how far their name can be trusted. */
export const verifierWords = (kind: VerifierKind) => VERIFIERS[kind] ?? VERIFIERS.public

/** The code in what was scanned, typed or pasted: 26 characters, or an address that ends in them. */
export function codeIn(text: string): string | null {
  const plain = text.trim()
  const tail = plain.includes('#c=') ? plain.slice(plain.lastIndexOf('#c=') + 3) : plain
  const found = /^[A-Za-z2-7]{26}$/.exec(tail.replace(/[\s-]/g, ''))
  return found ? found[0].toUpperCase() : null
}

/** A value of a fact as a verifier reads it. */
export const valueText = (value: string | boolean): string => (value === true ? '是' : value === false ? '否' : value)
