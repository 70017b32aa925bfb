import type { Acting, CorpRole, CorpScope } from '@/api/memberTypes'
import type { EnterpriseKind } from '@/api/types'
import { longDate, momentText } from './format'

const SCOPES: Partial<Record<CorpScope, string>> = {
  'cases.apply': '申办事项', 'cases.read': '查看办件', licences: '证照与企业信息', policies: '惠企政策',
}

/** What an agent can be given, the widest first. */
export const GRANTABLE: { value: CorpScope; text: string; hint: string }[] = [
  { value: 'cases.apply', text: '申办事项', hint: '替企业填表、提交、补材料、催办，也能看办件' },
  { value: 'cases.read', text: '只看办件', hint: '看办到哪一步，不能提交' },
  { value: 'licences', text: '证照与企业信息', hint: '看证照、亮证照、看经营数据' },
  { value: 'policies', text: '惠企政策', hint: '看匹配到的政策，替企业申领' },
]

/** 经营者 of an individual business, 法定代表人 of the others. */
export function roleName(role: CorpRole, kind: EnterpriseKind = 'enterprise'): string {
  if (role === 'ADMINISTRATOR') return '管理员'
  if (role === 'AGENT') return '办事人'
  return kind === 'individual' ? '经营者' : '法定代表人'
}

/** What somebody may do, in words; who applies also sees, and that goes without saying. */
export function scopeWords(scopes: readonly CorpScope[]): string {
  const shown = scopes.filter((one) => SCOPES[one] && !(one === 'cases.read' && scopes.includes('cases.apply')))
  return shown.map((one) => SCOPES[one]).join('、')
}

/** The code of an electronic business licence in what was scanned or typed; empty for none. */
export function licenceCodeIn(text: string): string {
  const code = text.replace(/\s+/g, '').toUpperCase()
  return /^[0-9A-Z-]{12,64}$/.test(code) ? code : ''
}

/** Until when, of what was shown by electronic licence to the minute. */
export function untilWords(endsOn: string | null, endsAt: string | null = null): string {
  if (endsAt) return `凭电子营业执照，最晚到 ${momentText(endsAt)}`
  return endsOn ? `到 ${longDate(endsOn)}（含当天）` : '没有截止日期'
}

/** How many applications an agent may file, as it is chosen; anything else is a number of one's own. */
export const LIMITS = [
  { value: 'any', text: '不限' },
  { value: '5', text: '5 件' },
  { value: '20', text: '20 件' },
  { value: '100', text: '100 件' },
]
export const MOST_CASES = 10_000

/** A choice of LIMITS, or a number that was typed: null for any number, undefined for what is none. */
export function limitIn(value: string): number | null | undefined {
  if (value === 'any') return null
  const number = /^\s*[1-9]\d{0,4}\s*件?\s*$/.test(value) ? parseInt(value, 10) : 0
  return number >= 1 && number <= MOST_CASES ? number : undefined
}

/** “已申办 2 件，最多 20 件”. */
export function filedWords(member: { most_cases: number | null; cases_filed: number }): string {
  const most = member.most_cases === null ? '不限件数' : `最多 ${member.most_cases} 件`
  return `已申办 ${member.cases_filed} 件，${most}`
}

/** For whom and in what somebody acts, in one line. */
export function actingWords(acting: Acting): string {
  if (acting.role === 'LEGAL_REP') return acting.ends_at ? `全部事项，${untilWords(null, acting.ends_at)}` : '全部事项'
  if (acting.role === 'ADMINISTRATOR') return `全部事项，${untilWords(acting.ends_on)}`
  const items = acting.items.length > 0 ? `限 ${acting.items.length} 个事项` : '全部事项'
  const left = acting.cases_left === null ? '' : `还可申办 ${acting.cases_left} 件，`
  return `${scopeWords(acting.scopes)}，${items}，${left}${untilWords(acting.ends_on, acting.ends_at)}`
}
